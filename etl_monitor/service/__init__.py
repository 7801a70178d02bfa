"""The ETL service: a REST API and a feed over a database, and the engine that runs the jobs.

    api ──► jobs.lifecycle ──► events.event_log ──► events.tail ──► feed ──► followers
                  ▲                                      ▲
               engines (worker processes write to the same database)

Only `jobs.lifecycle` writes a job's state. Each change is one compare-and-set with its event in the
same transaction. The event's position in the log is its id in the feed.
"""
