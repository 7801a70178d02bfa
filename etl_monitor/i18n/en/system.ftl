## System

system-feed = Feed
system-state = Connection
system-position = Position
system-lag = Lag
system-behind = { $n ->
    [0] up to date
    [one] { $n } event
   *[other] { NUMBER($n) } events
}
system-last-event = Last event
system-last-signal = Last signal
system-oldest = Oldest event kept
system-delay-none = no updates measured yet
system-delay-p50 = Event → screen, p50
system-delay-p95 = Event → screen, p95
system-delay-note = { $n ->
    [one] upper bound from { NUMBER($n) } update in this session
   *[other] upper bound from { NUMBER($n) } updates in this session
}
milliseconds = { $n } ms
system-counters = Events received
system-since-start = Since this portal started.
counter-events = Events
counter-events-note = all events received
counter-duplicates = Duplicates
counter-duplicates-note = already received, ignored
counter-late = Late events
counter-late-note = older than the known state, ignored
counter-malformed = Malformed
counter-malformed-note = could not be read
counter-unknown = Unknown
counter-unknown-note = of an unknown kind
counter-resyncs = Resyncs
counter-resyncs-note = full reloads to catch up
counter-reconnects = Reconnects
counter-reconnects-note = reconnected after a break
counter-gaps = Gaps
counter-gaps-note = event numbers skipped, then caught up
system-jobs = Jobs by status
system-jobs-known = Only the jobs in this portal’s memory are counted.
system-workers = Workers
worker-name = Worker
worker-state = State
worker-job = Job
worker-sign = Last signal
worker-pid = Process ID
worker-busy = Busy
worker-idle = Idle
worker-gone = Gone
system-service = Service
system-address = Address
system-version = Version
system-started = Started
system-python = Python
system-database = Database
system-disk = Free disk space
system-disk-free = { $free } of { $total } GB
system-broken-kind = Test kind that cannot be used
system-lost = Files set aside in lost/
system-followers = Open feeds
system-portal = This portal
system-streamlit = Streamlit
system-updates = Live updates
updates-push = pushed
updates-poll = polled every second
system-sessions = Open pages
system-settings = Settings of this portal
setting-name = Variable
setting-value = Value
setting-default = default
setting-set = set
setting-unset = not set
system-samples = { $n ->
    [one] The list includes { $n } sample test.
   *[other] The list includes { $n } sample tests.
}
