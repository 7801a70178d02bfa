## Frame

product = ETL Monitor
language = Language
page-results = Test results
page-monitor = Monitor
page-result = Test result
page-activity = Activity
page-system = System
monitor = Progress monitor
loading = Loading…
yes = yes
no = no

## Connection

connection-connecting = Connecting
connection-live = Live
connection-reconnecting = Reconnecting
connection-disconnected = Disconnected
connect-again = Connect again
attempt-of = attempt { $n } of { $m }
next-try = next try in
just-now = just now
last-event = last event
connection-reason-unauthorised = The service rejected the portal’s token. Check ETL_MONITOR_API_TOKEN.
connection-reason-forbidden = The service does not allow this portal to follow its jobs. Ask the service’s administrator.
connection-reason-refused = Can’t reach the service. Check that it is running.
connection-reason-wrong_content_type = The reply from this address is not an event feed. Check ETL_MONITOR_API_URL.
connection-reason-no_content = The service ended its feed.
connection-reason-silence = The service has stopped sending data.
connection-reason-stopped = The connection was closed manually.
connection-reason-timeout = The service did not answer in time, or a proxy in between is holding back its reply.
connection-reason-reset = The connection to the service was cut.
connection-reason-dns = The host name in the service’s address cannot be resolved. Check ETL_MONITOR_API_URL.
connection-reason-tls = The service’s certificate cannot be used. Contact the service’s administrator.
connection-reason-network = Can’t reach the service over the network.
connection-reason-ended = The service closes its feed after every connection.
connection-reason-buffered = A proxy between the portal and the service is holding back the feed. Turn off response buffering there.
connection-reason-too_large = The service sent an event that is too large to read.
connection-reason-redirect = The service’s address keeps redirecting. Check ETL_MONITOR_API_URL.
connection-reason-feed_reset = The service no longer has the events that follow our last one.
connection-reason-other_log = The service’s database has changed. Its jobs are being loaded again.
connection-reason-gap = Events are missing from the service’s feed.
connection-reason-malformed = The service’s feed cannot be read.
connection-reason-not_a_service = The reply from this address does not come from an ETL service. Check ETL_MONITOR_API_URL.
connection-reason-reply_too_large = The service’s reply is too large to read.
connection-reason-internal_error = Something went wrong in this portal while it followed the service. See the portal’s log.
connection-reason-http = The service replied with an error (HTTP { $http }).

## States

status = Status
status-any = Any status
status-pending = Waiting
status-running = Running
status-completed = Completed
status-failed = Failed
status-cancelled = Cancelled
status-cancelling = Cancelling…
result-completed = Completed
result-processing = Processing
result-failed = Failed

## Jobs

running-heading = Running and waiting ({ $n })
finished-heading = Finished ({ $n })
none-running = No jobs are running. Upload an answer file or reprocess a test.
none-finished = No jobs have finished yet.
no-job = Not processed yet
job-unknown = There is no information about job { $id }.
job-step = Step { $index } of { $count }: { $name }
job-rows = { $done } of { $total } rows
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
fact-person = Person in charge
fact-number = Test number
fact-rows = Rows
fact-file = File
fact-force = Reprocessed on request
fact-requested-by = Requested by
fact-created = Created
fact-started = Started
fact-finished = Finished
fact-cancel-requested-by = Cancel requested by
fact-cancel-requested-at = Cancel requested at
fact-cancel-reason = Reason
fact-forced = Stopped by force
fact-worker = Worker

## Questions

cancel-title = Cancel job { $id }?
cancel-question = “{ $title }” will stop.
consequence-cancel = The job stops within seconds; if it does not, it is stopped by force. Scores of earlier runs stay as they are.
cancel-reason = Reason (optional)
cancel-yes = Cancel this job
cancel-no = Keep it running
leave-as-is = Leave as is
close = Close
reprocess-title = Reprocess this test?
reprocess-question = “{ $title }” will be scored again.
reprocess-consequence = The current scores stay until the new ones are ready and replace them.
reprocess-yes = Reprocess
reprocess-busy = This test already has an active job
reprocess-name = Reprocess { $title }
delete = Delete
delete-title = Delete this test?
delete-question = “{ $title }” will be deleted.
delete-consequence = Its answers, scores, documents and jobs are deleted too. This cannot be undone.
delete-yes = Delete permanently
samples-remove = Remove samples
samples-title = Remove the samples?
samples-question = All sample tests and their scores will be deleted. Your own tests stay.
samples-yes = Remove samples
toast-cancel = Cancel requested: job { $id }
toast-over = Job { $id } has already ended: { $status }.
toast-started = Job { $id } is queued.
toast-deleted = “{ $title }” was deleted.
toast-samples-removed = The samples were removed.
toast-uploaded = “{ $title }” was uploaded; its scoring is queued.

## Results

search = Search
search-hint = Search by title, person or ID
results-none = No test results yet. Upload an answer file to start.
results-none-found = No test results match. Clear the search or change the filters.
results-total = { $n ->
    [one] { $n } test result
   *[other] { $n } test results
}
respondents = { $n ->
    [one] { $n } respondent
   *[other] { NUMBER($n) } respondents
}
uploaded = uploaded { $ago }
sample = sample
upload = Upload
upload-title = Upload an answer file
upload-kind = Kind of test
upload-file = Answer file
upload-test-title = Title
upload-person = Person in charge
upload-file-is-here = The file is ready. Press “Upload and score” again.
upload-missing = Please add: { $what }.
upload-send = Upload and score
upload-sending = Sending: { $sent } of { $total } MB
upload-refused = The service did not accept the file. Nothing was changed.
file-size-mb = { $n } MB
file-size-bytes = { $n ->
    [one] { $n } byte
   *[other] { NUMBER($n) } bytes
}
file-size-kb = { $n } KB
name-pages = Pages
name-skip = Skip to main content
name-notices = Notifications
name-menu = Main menu
name-close = Close
name-open = Open
name-clear = Clear
name-remove = Remove { $name }
name-stop = Stop uploading { $name }
name-sidebar-open = Open the menu
name-sidebar-close = Close the menu
name-tabs-left = Scroll tabs left
name-tabs-right = Scroll tabs right
name-anchor = Link to this heading
name-choose = Choose one
name-choose-or-add = Choose one or type
name-add = Use “{ $name }”
name-no-results = No matches
name-option = 1 option
name-options = { $n } options
name-no-page = Page not found
name-no-page-why = There is no page at this address, so the first page is shown. If you followed a link, it may be outdated or cut off.
name-lost = Can’t reach the portal
name-lost-why = This page reconnects by itself.
upload-kind-hint = Choose the kind of test
upload-kind-found = Detected from the file’s columns.
upload-another = Another file
upload-unfit = This file cannot be scored as it is. Nothing has been sent.
upload-checking = Sent. The service is checking the file…
upload-stop = To stop sending, close this window.
missing-file = an answer file
missing-kind = the kind of test
missing-title = a title
missing-person = the person in charge
drop-choose = Choose a file
drop-hint = or drop it here: CSV or Parquet, one row for each respondent, at most { NUMBER($mb) } MB
drop-now = Drop the file here
drop-refused = This file cannot be uploaded. Choose a CSV or Parquet file of at most { NUMBER($mb) } MB; save an Excel workbook as CSV (UTF-8) first.
template = { $kind } template
template-explained = No file yet? Start with a template: a CSV with all columns and two example rows.
template-group-a = Sales
template-group-b = Engineering
file-rows = { $n ->
    [one] { $n } row
   *[other] { NUMBER($n) } rows
}
file-rows-about = { $n ->
    [one] about { $n } row
   *[other] about { NUMBER($n) } rows
}
file-columns = { $n ->
    [one] { $n } column
   *[other] { NUMBER($n) } columns
}
file-misnamed = The file’s name suggests another format, but its content is { $format } and is read as such.
file-preview = Preview of the file’s first rows
file-more-columns = { $n ->
    [one] and { $n } more column
   *[other] and { NUMBER($n) } more columns
}

## Result page

back-to-results = All test results
result-not-shown = This test result cannot be shown.
no-scores-yet = No scores yet. They appear here when the job has completed.
no-scores = No scores, because no job of this test has completed. See the reason above, then reprocess the test.
no-scores-file = No scores, because the file cannot be scored. See the reason above, then correct the file and upload it again.
no-documents = No documents yet.
tab-scores = Scores
tab-items = Items
tab-documents = Documents
tab-history = History
no-history = No job of this test has ended yet, or the records of its jobs have been deleted.
count-total = Respondents
count-usable = Scored
count-excluded = Excluded
excluded-because = Excluded: { $reasons }
groups-heading = Group comparison
axis-score = Score
axis-respondents = Respondents
axis-group = Group
percentile = P{ $n }
column-scale = Scale
column-items = Items
column-item = Item
column-n = N
column-missing = Missing
column-mean = Mean
column-sd = SD
column-alpha = Cronbach’s α
column-item-total = Item–total r
column-difficulty = Difficulty
column-discrimination = Discrimination
column-flags = Flags
alpha-explained = Cronbach’s α shows how consistently a scale’s items measure the same thing, from 0 to 1.
flags-explained = Difficulty: share of correct answers. Discrimination: that share among the top 27% of respondents minus that among the bottom 27%. Item–total r: correlation of an item with the rest of its scale.
flag-too_easy = too easy
flag-too_hard = too hard
flag-low_discrimination = low discrimination
flag-low_item_total = low item–total r
flag-reversed = opposite to its scale
download-as = { $format }
document-aptitude_summary = Summary
document-personality_analysis = Personality
document-skill_assessment = Skills
no-scores-cancelled = No scores, because the job was cancelled. Reprocess the test to score it.
no-statistics = This test was scored, but its statistics are not available.
scores-being-replaced = The test is being scored again. Until that finishes, you see the scores of { $at }.
scores-of-earlier-run = The latest run did not complete. You see the scores of { $at }, which are still valid.
scored-at = scored { $at }
tab-downloads = Downloads
groups-note = Dot: mean of the group. Line: one standard deviation to either side. Dashed line: mean of all respondents.
groups-of-scale = Group comparison: { $scale }
groups-explained = Difference: distance from the mean of all respondents, in standard deviations. About 0.2 is small, 0.5 medium, 0.8 large (Cohen 1988).
groups-few = Groups of fewer than { $n } respondents are grey: with so few, a mean varies by chance.
scales-heading = Scores by scale
percentiles-explained = P25: 25% of the respondents have this score or a lower one. P50 is the median.
reliability-heading = Reliability
items-heading = { $weak ->
    [0] Items: { $n }, none flagged
   *[other] Items: { $n }, { $weak } flagged
}
show-all = Show all { NUMBER($n) }
scale-facts = mean { $mean }, SD { $sd }
scale-summary = Distribution of { $scale }: { $facts }; { $percentiles }.
percentile-score = { $p }% score { $score } or less
percentile-short = P{ $p }: { $score }
score-range = { $first }–{ $last }
bar-text = Score { $scores }: { $n ->
    [one] { $n } respondent
   *[other] { NUMBER($n) } respondents
}
item-chart = Items by difficulty and discrimination
item-chart-summary = { $n } items by share of correct answers and discrimination; { $weak } of them flagged. The table below has every value.
item-chart-note = Further right: easier. Higher: separates strong from weak respondents better. Red diamonds are outside the limits (dashed lines).
item-dot = { $item }: { $difficulty } correct, discrimination { $discrimination }
axis-difficulty = Correct answers (difficulty)
column-range = Possible range
column-meaning = Interpretation
column-mean-and-sd = Mean and SD
column-difference = Difference (SD)
column-begun = Started
column-attempt = Attempt
column-took = Took
alpha-persons = Suitable for decisions about individuals
alpha-groups = Suitable for comparing groups and for research, not for decisions about individuals
alpha-early = Exploratory use; compare groups with care
alpha-low = Too low to rely on: check its items
alpha-undefined = Not defined for these answers
alpha-source = Limits .70, .80 and .90 after Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed.
flags-source = Limits: Crocker & Algina (1986); Ebel & Frisbie (1991); Nunnally & Bernstein (1994).
flag-none = none
meaning-too_easy = { $difficulty } answer correctly (above 90%), so the item hardly separates respondents.
meaning-too_hard = Only { $difficulty } answer correctly (below 20%, the level of guessing). Check the key and the wording.
meaning-low_discrimination = Discrimination { $discrimination } (below 0.20): strong and weak respondents answer it almost alike.
meaning-low_item_total = Item–total r { $r } (below 0.30): the item seems to measure something other than its scale.
meaning-reversed = Item–total r { $r } (below 0): respondents with high scores on the scale answer the other way. Its key or direction is probably wrong.
cancelled-because = Reason: { $reason }
download-name = { $title } scores
download-explained = One row for each respondent: raw scores, percentiles, T-scores. The CSV opens in Excel with Korean text intact; text that a spreadsheet would read as a formula starts with an apostrophe.
download-making = Preparing the { $format } file…
download-rows = Preparing the { $format } file: { $done } of { $total } rows
download-failed = The file could not be created. { $why }

## Documents about a result (Markdown)

document-summary = Summary
document-scored = { NUMBER($usable) } of { NUMBER($total) } respondents were scored.
document-all-used = No row was excluded.
document-excluded = Excluded: { $reasons }.
document-excluded-no_respondent_id = { reason-no_respondent_id } ({ NUMBER($n) })
document-excluded-missing = { reason-missing } ({ NUMBER($n) })
document-excluded-out_of_range = { reason-out_of_range } ({ NUMBER($n) })
document-excluded-duplicate = { reason-duplicate } ({ NUMBER($n) })
document-excluded-straight_lining = { reason-straight_lining } ({ NUMBER($n) })
document-excluded-malformed = { reason-malformed } ({ NUMBER($n) })
document-scales = Scales
document-median = Median
document-reliability = Reliability ({ column-alpha }) lies between { $lowest } and { $highest }.
document-no-reliability = Reliability cannot be computed from these answers.
document-groups = Groups
document-n = n
document-profile = { $scale }: mean { $mean } of { $highest } ({ $share }% of the possible range); half of all respondents lie between { $p25 } and { $p75 }.
document-widest-gap = Widest gap between groups: { $scale }, { $high } above { $low } by { $gap } standard deviations.
document-skill = { $scale }: { $share }% correct on average (mean { $mean } of { $highest }, median { $p50 }).
document-easiest-hardest = Easiest item: { $easiest } ({ $easy }% correct); hardest: { $hardest } ({ $hard }% correct).
document-strongest-weakest = Strongest domain: { $strongest }; weakest: { $weakest }.
document-items = Items to review
document-no-item = No item is flagged.

## Activity

activity-time = Time
activity-person = Person
activity-role = Role
activity-action = Action
activity-subject = Test and job
activity-outcome = Outcome
activity-period = Period
activity-done = Accepted
activity-refused = Refused
activity-any-action = Any action
activity-any-outcome = Any outcome
activity-any-period = Any time
activity-search = Search the activity log
activity-search-hint = Search by person, title, reason or ID
activity-of-job = Only job { $id }
activity-all-jobs = Show the activity of all jobs
activity-job = job { $id }
activity-new-job = new job { $id }
activity-reason = Reason given: { $reason }
activity-waiting = Show { $n } new
activity-none = No activity yet. Uploads, cancel requests and other actions appear here.
activity-none-found = No entries match. Clear the search or change the filters.
activity-total = { $n ->
    [one] { $n } entry
   *[other] { NUMBER($n) } entries
}
activity-export = Export
activity-export-as = { $format } file
activity-export-limit = Only the newest { NUMBER($n) } of { NUMBER($total) } entries are exported. Narrow the period or the filters to export the rest.
activity-time-in = Time ({ $zone })
activity-why = Reason for refusal
activity-given-reason = Reason given
activity-test = Test
activity-test-id = Test ID
activity-job-id = Job ID
activity-new-job-id = New job ID
period-30d = Last 30 days
sign-in = Sign in
sign-out = Sign out
sign-in-needed = Sign in with your organisation’s account to see test results and their jobs.
signed-in-as = { $name } · { $role }
no-rights = You do not have access yet
no-rights-why = You are signed in as { $name }, but none of your groups has a role here. Ask the portal’s administrator for one, then sign in again.
token-add = Create a token
token-revoke = Revoke a token
role-viewer = Viewer
role-operator = Operator
role-admin = Admin
role-portal = Portal

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

## Errors: what happened, why, what to do

problem-unknown = The job failed without saying why.
advice-retry = Try again. If it fails again, send the technical details to the service’s administrator.
advice-file = Correct the file and upload it again. Retrying the same file will fail again.
log-rows_read = { NUMBER($rows) } rows read, { NUMBER($malformed) } with a wrong number of fields
log-rows_not_used = { NUMBER($count) } of { NUMBER($total) } rows not used: { $reason }
bad-rows = The first rows:
bad-row = Row { $row } (respondent { $respondent })
bad-row-unnamed = Row { $row }
counted = { $reason } { $n }
reason-no_respondent_id = rows without a respondent_id
reason-missing = too many missing answers
reason-out_of_range = answers out of range
reason-duplicate = repeated respondents
reason-straight_lining = the same answer to nearly every item
reason-malformed = rows with a wrong number of fields

error-too_many_invalid_rows = { NUMBER($unusable) } of { NUMBER($total) } rows cannot be used, more than half: { $reasons }.
error-too_many_invalid_rows-all = None of the { NUMBER($total) } rows can be used: { $reasons }.
advice-too_many_invalid_rows = Correct the file, or upload it as the right kind of test.
error-empty_file = The file is empty. Choose a CSV or Parquet file with one row for each respondent.
error-no_rows = The file has column names but no rows. Choose a file with one row for each respondent.
error-missing_columns = The file lacks columns of this kind of test: { $columns }. Name the columns in the first row exactly as in the template.
error-duplicate_columns = More than one column is named { $columns }, so it is unclear which one to use. Rename or remove the others.
error-too_many_columns = The file has { NUMBER($columns) } columns; at most { NUMBER($limit) } are read. Use one row for each respondent and one column for each item.
error-line_too_long = A line of the file is too long. Usually a quotation mark is opened but never closed, or the file is not a CSV file.
error-open_quote = A quotation mark in line { NUMBER($line) } opens a cell that does not end where it should, so the rows after it would be lost. Close or remove the mark; a quotation mark inside a text is written twice.
error-binary_content = The file is not a text file. Save it as CSV (UTF-8), or choose a Parquet file.
error-unknown_encoding = The text in line { NUMBER($line) } is neither UTF-8 nor CP949. Save the file as CSV (UTF-8).
error-unreadable_file = The file cannot be read; it may be cut off or damaged. Save it again and upload it again.
error-unreadable_column = The column { $column } holds data of the type { $type } instead of one number or text in each row. Write one number or one text into each of its cells.
error-too_many_groups = The column “group” holds more than { NUMBER($limit) } different values, so they cannot be group names. Write a few group names into it, or remove the column.
error-unknown_test_kind = There is no kind of test “{ $test_kind }”. Available: { $known }.
error-broken_definition = The definition of a kind of test cannot be used: { LISTED($file, $field) }: { $reason }. Correct the file.
error-worker_lost = The process that ran this job ended unexpectedly. Nothing was changed.
error-worker_lost-hung = The step “{ $step }” did not respond for { NUMBER($seconds) } s, so it was stopped. Nothing was changed.
advice-worker_lost = Retry the job. Scores of earlier runs are unchanged.
error-internal_error = Something went wrong inside the service. Nothing was changed.
error-host_not_allowed = This server does not answer under the name { $host }. If the name is right, ask the person who runs the server to add it to ETL_MONITOR_ALLOWED_HOSTS.
error-origin_not_allowed = A page of { $origin } may not use this server. Open the portal in a tab of its own. Behind a proxy, the Host header must be passed on unchanged.
error-forbidden = You need the role { $needed ->
    [admin] Admin
   *[operator] Operator
}; your role is { $role ->
    [viewer] Viewer
    [operator] Operator
    [portal] Portal
    [none] none
   *[admin] Admin
}. Ask the service’s administrator.
error-person_not_accepted = { $reason ->
    [expired] The clocks of the portal and the service differ by more than a minute. Set them to the same time.
    [not_allowed] The portal’s token may not act for signed-in users. The portal needs a token with the role portal.
    [not_known] The service does not accept the names of signed-in users, so they cannot change anything. Ask the portal’s administrator.
   *[forged] The service could not verify who you are. Sign in again; if that does not help, ask the portal’s administrator.
}
error-too_many_feeds = More than { NUMBER($limit) } feeds are open with this token. Close some, or use another token.
error-unauthorised = The service rejected the portal’s token. Check ETL_MONITOR_API_TOKEN.
error-invalid_request = Some of the input is not valid. Check it and try again.
error-malformed_request = The service could not read the request. Reload the page and try again.
error-method_not_allowed = The service does not support this request. Its version may differ from the portal’s.
error-unknown_cursor = The list has changed. Start again from its first page.
error-body_too_large = The request is too large.
error-file_too_large = The file is larger than { NUMBER($limitMb) } MB, the limit of this service. Split it, or save it as Parquet.
error-disk_full = The service’s disk is full, so nothing was stored. Free some space and try again.
error-not_found = This was not found. It may have been deleted.
error-test_not_found = This test result was not found. It may have been deleted.
error-job_not_found = This job was not found. It may have been deleted.
error-document_not_found = This document was not found; the test may have been processed again.
error-no_scores = This test has no scores yet.
error-no_statistics = This test has no statistics yet.
error-test_is_processing = The test is being processed. Cancel its job or wait until it ends.
error-test_already_processing = This test already has an active job. Wait until it ends, or cancel it.
error-already_processed = The test has already been processed.
error-job_not_cancellable = The job has already ended, so it cannot be cancelled.
error-job_not_retryable = Only failed and cancelled jobs can be retried.
error-database_unavailable = The service cannot use its database at the moment. Try again shortly.
error-not_ready = The service is not ready yet: { $checks }. Try again shortly.
error-unreachable = Can’t reach the service. Check that it is running. The data shown may be out of date.
error-timeout = The service did not answer in time. Try again shortly.
error-http = The service’s address refused the request (HTTP { $http }). Try again; if the error persists, contact the service’s administrator.
error-not_a_service = The reply from this address does not come from an ETL service. Check ETL_MONITOR_API_URL.
error-reply_too_large = The service’s reply is too large to read. Contact the service’s administrator.
error-excel_workbook = This is an Excel workbook. Save it in Excel as “CSV UTF-8”, then choose that file.
error-too_many_rows_for_xlsx = An Excel sheet holds at most { NUMBER($limit) } rows; this result has { NUMBER($rows) }. Download the CSV or Parquet file.
error-download_failed = Something went wrong in the portal; see its log. Try again.

## Finding jobs, choosing several

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
retry-of = retry of { $id }
fact-kind = Kind of test
waiting-news = Show { $n } new
catching-up = Catching up…
as-of = As of { $ago }: not live
no-data-yet = Not live: no data received from the service yet
said-completed = { $n } completed
said-failed = { $n } failed
said-cancelled = { $n } cancelled
title-counts = { $running } running · { $failed ->
    [one] { $failed } test failed
   *[other] { $failed } tests failed
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

## Results: several at once

results-by-newest = Newest first
results-by-lastRun = Last run first
results-by-title = By title
results-by-person = By person
results-by-respondents = Most respondents first
waiting-results = Show { $n } new
result-select = Select { $title }
documents = { $n ->
    [one] { $n } document
   *[other] { $n } documents
}
list-as-of = This list is as of { $at }.
results-not-live = Not live: the list is as of { $at }.
reprocess-all = { $n ->
    [one] Reprocess { $n } test
   *[other] Reprocess all { NUMBER($n) }
}
reprocess-many-title = { $n ->
    [one] Reprocess { $n } test
   *[other] Reprocess { NUMBER($n) } tests
}
reprocess-many-question = Each test gets a new job. Tests that are being processed are skipped.
reprocess-many-limit = Only the first { NUMBER($n) } of { NUMBER($total) } tests are reprocessed; reprocess the others afterwards.
reprocess-many-yes = { $n ->
    [one] Reprocess { $n } test
   *[other] Reprocess { NUMBER($n) } tests
}
reprocess-many-done = { $n ->
    [one] { $n } job is queued.
   *[other] { NUMBER($n) } jobs are queued.
}
reprocess-many-refused = { NUMBER($n) } skipped: { $problem }

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
