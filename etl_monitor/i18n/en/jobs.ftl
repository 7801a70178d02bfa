## Jobs

status = Status
status-any = Any status
status-pending = Waiting
status-running = Running
status-completed = Completed
status-failed = Failed
status-cancelled = Cancelled
status-cancelling = Cancelling…
status-unknown = Unknown state
status-unknown-named = Unknown state: { $name }
result-completed = Completed
result-processing = Processing
result-failed = Failed
last-run-failed = last run failed
last-run-cancelled = last run cancelled
result-unknown = Unknown state
active-left-out = Shown: the newest { NUMBER($n) } of { NUMBER($total) } running and waiting jobs.
running-heading = Running and waiting ({ $n })
finished-heading = Finished ({ $n })
none-running = No jobs are running. Upload an answer file or reprocess a test.
none-finished = No jobs have finished yet.
no-job = Not processed yet
job-unknown = There is no information about job { $id }.
job-none = There is no job.
job-step = Step { $index } of { $count }: { $name }
job-rows = { $done } of { $total } rows
job-restarted = restarted with the service
job-rows-so-far = { $n ->
    [one] 1 row so far
   *[other] { NUMBER($n) } rows so far
}
promote = Move to the front
mark-seen = Mark as seen
mark-all-seen = Mark all as seen
attention-heading = Needs attention ({ $n })
attention-more = Show { $n } more
attention-late = Takes longer than usual
attention-silent = No progress reported for a while
attention-not-stopping = Has not stopped since the cancel request
toast-seen = { $n ->
    [one] The failure is marked as seen.
   *[other] { $n } failures are marked as seen.
}
waiting-for = waiting
queue-position = place { $n }
queue-start = starts in about { $minutes } min
queue-start-soon = starts within a minute
job-promote = Move job { $id } to the front
toast-promoted = Moved to the front of the queue: “{ $title }”
job-attempt = attempt { $n }
job-cancel = Cancel job { $id }
job-retry = Retry job { $id }
cancel = Cancel
retry = Retry
reprocess = Reprocess
details = Details
details-close = Hide
technical-part = Technical details
elapsed = elapsed
job-took = took { $time }
cancel-deadline = forced stop in
attempts = Attempts
log = Log
rows = { $n ->
    [one] { $n } row
   *[other] { $n } rows
}
eta-about = { $minutes ->
    [one] about a minute left
   *[other] about { $minutes } min left
}
eta-band = { $low }–{ $high } min left
eta-under-a-minute = less than a minute left
eta-longer = longer than usual
step-extract = reading
step-validate = checking
step-score = scoring
step-norm = norming
step-analyse = analysing
step-load = saving
fact-job = Job
fact-test = Test
fact-test-id = Test ID
fact-person = Person in charge
fact-number = Test number
fact-rows = Rows
fact-file = File
fact-force = Rescored on request
fact-requested-by = Requested by
fact-created = Created
fact-started = Started
fact-finished = Finished
fact-cancel-requested-by = Cancel requested by
fact-cancel-requested-at = Cancel requested at
fact-cancel-reason = Reason
fact-forced = Stopped by force
fact-worker = Worker
cancel-title = Cancel job “{ $title }”?
cancel-question = “{ $title }” will stop.
consequence-cancel = The job stops within seconds; if it does not, it is stopped by force. Scores of earlier runs stay as they are.
cancel-reason = Reason (optional)
cancel-yes = Cancel this job
cancel-no = Keep it running
leave-as-is = Leave as is
close = Close
reprocess-title = Score “{ $title }” again?
reprocess-consequence = The current scores stay until the new ones are ready and replace them.
reprocess-yes = Reprocess
reprocess-busy = This test already has an active job
reprocess-name = Reprocess { $title }
toast-cancel = Cancel requested: “{ $title }”
toast-over = “{ $title }” has already ended: { $status }.
toast-started = “{ $title }” is queued.
toast-deleted = “{ $title }” was deleted.
toast-samples-replayed = { $n ->
    [0] All samples are being scored already.
    [one] { $n } sample will be scored again.
   *[other] { $n } samples will be scored again, one after the other.
}
toast-samples-removed = The samples were removed.
toast-uploaded = “{ $title }” was uploaded; its scoring is queued.
search-jobs = Search jobs
search-jobs-hint = Title, person, step, error or ID
filter = Filter
filters-on = Filters ({ NUMBER($n) })
clear-filters = Clear all filters
filter-person = Person
person-any = Anyone
kind-any = Any kind
filter-period = Period
filter-by-status = Filter by status
period-any = Any time
period-1h = Last hour
period-24h = Last 24 hours
period-7d = Last 7 days
sort = Order
sort-newest = Newest first
sort-oldest = Oldest first
sort-longest = Longest first
none-fits-running = No matching job is running or waiting.
none-fits-finished = No matching job has ended.
none-fits = No jobs match. Clear the search or change the filters.
page-of = { $first }–{ $last } of { NUMBER($total) }
page-newer = Previous
page-older = Next
selected = { $n } selected
job-select = Select job { $id }
cancel-selected = Cancel jobs
retry-selected = Retry jobs
select-all = Select all shown
select-all-of = Select all shown: { $name }
clear-selection = Clear selection
many-cancel-title = { $n ->
    [one] Cancel { $n } job
   *[other] Cancel { $n } jobs
}
many-cancel-yes = { $n ->
    [one] Cancel { $n } job
   *[other] Cancel { $n } jobs
}
many-cancel-cannot = { $n ->
    [one] This job cannot be cancelled and stays as it is:
   *[other] These { $n } jobs cannot be cancelled and stay as they are:
}
many-retry-title = { $n ->
    [one] Retry { $n } job
   *[other] Retry { $n } jobs
}
many-retry-yes = { $n ->
    [one] Retry { $n } job
   *[other] Retry { $n } jobs
}
many-retry-cannot = { $n ->
    [one] This job cannot be retried and stays as it is:
   *[other] These { $n } jobs cannot be retried and stay as they are:
}
cannot-over = it has already ended ({ $status })
cannot-cancelling = it is already being cancelled
cannot-completed = it has already completed
cannot-active = it has not ended yet ({ $status })
cannot-beside-active = another job of the same test is active
cannot-beside-chosen = another job of the same test is selected too; only one is retried
consequence-retry = Each job gets a new attempt; scores of earlier runs stay until the new ones are ready.
and-more = and { $n } more
outcome-cancel = cancel requested
outcome-retry = queued
copy-details = Copy details
copied = Copied
not-copied = Could not be copied
person-system = the service
requested-by = requested by { $name }
retry-of = retry of attempt { $n }
fact-kind = Kind of test
waiting-news = Show { $n } new
catching-up = Catching up…
as-of = As of { $ago }: not live
no-data-yet = Not live: no data received from the service yet
said-completed = { $n } completed
said-failed = { $n } failed
said-cancelled = { $n } cancelled
title-counts = { $running ->
    [0] { $failed ->
        [one] { $failed } test failed
       *[other] { $failed } tests failed
    }
   *[other] { $failed ->
        [0] { $running } running
        [one] { $running } running · { $failed } test failed
       *[other] { $running } running · { $failed } tests failed
    }
}
shortcuts-title = Keyboard shortcuts
shortcut-search = Search jobs
shortcut-next = Next job
shortcut-previous = Previous job
shortcut-details = Show or hide the job’s details
shortcut-cancel = Cancel the job
shortcut-retry = Retry the job
shortcut-select = Select the job
shortcut-help = Show this list
shortcuts-on = Shortcuts on
shortcuts-off = Shortcuts are off. Turn this switch on to use them again (by keyboard: Space).
status-not-run = not run
copy-link = Copy link
