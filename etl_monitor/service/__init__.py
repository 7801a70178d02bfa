"""The ETL service: REST and feed over a database, and the engine that runs the jobs.

    api ──► jobs ──► event_log ──► tail ──► stream ──► followers
             ▲                      ▲
          engines/ (worker processes write the same database)

`jobs` is the only writer of a job's state; each change is one compare-and-set with its event in the
same transaction. The event's number is its id in the feed.
"""
