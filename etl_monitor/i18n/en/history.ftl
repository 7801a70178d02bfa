## Timeline and throughput

history-heading = Timeline and throughput
history-period = Period
history-period-1h = 1 hour
history-period-6h = 6 hours
history-period-24h = 24 hours
history-period-7d = 7 days
history-as = View
history-as-charts = Charts
history-as-table = Tables
history-by = Grouped by
history-by-worker = Worker
history-by-kind = Kind of test
history-refresh = Refresh
history-as-of = As of { $time }, not live. Refresh to see the latest data.
history-lacking = This service does not provide the history of its jobs.
history-empty = Nothing ran or ended in this period. Choose a longer one, or upload an answer file.
history-none = No data for this period.
history-timeline = Job timeline
history-rows = Rows scored
history-each-minutes = { $n ->
    [one] Ended, per minute
   *[other] Ended, per { $n } minutes
}
history-each-hours = { $n ->
    [one] Ended, per hour
   *[other] Ended, per { $n } hours
}
history-begin = From
history-took = Took
history-group = Group
history-capped = The newest { NUMBER($shown) } of { NUMBER($total) } jobs are shown. Choose a shorter period to see all.
history-timeline-alt = Timeline of { $n ->
    [one] { $n } job
   *[other] { NUMBER($n) } jobs
}. For the same data as text, choose Tables.
history-throughput-alt = { $what } over time, { NUMBER($n) } in all. For the same data as text, choose Tables.
