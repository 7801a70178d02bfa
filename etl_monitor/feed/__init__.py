"""Following the feed: `connection.py` is one HTTP connection, `synchronizer.py` loads list and
stream over it in the right order, `follower.py` is the thread that decides when to reconnect."""

from etl_monitor.feed.follower import Follower

__all__ = ["Follower"]
