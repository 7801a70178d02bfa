"""Following the feed: `stream.py` is one HTTP connection, `following.py` takes list and stream over
it in the right order, `follower.py` is the thread that decides when the next one is tried."""

from etl_monitor.feed.follower import Follower

__all__ = ["Follower"]
