## Results

delete = Delete
delete-title = Delete this test?
delete-question = “{ $title }” will be deleted.
delete-consequence = Its answers, scores, documents and jobs are deleted too. This cannot be undone.
delete-yes = Delete permanently
samples-about = These are sample tests. Watch a job in the progress monitor, open a title to read its report, or upload an answer file of your own.
samples-replay = Replay samples
samples-remove = Remove samples
samples-title = Remove the samples?
samples-question = All sample tests and their scores will be deleted. Your own tests stay.
samples-yes = Remove samples
search = Search
search-hint = Search by title, person or ID
completion = Suggestions for the search
completion-status = Status
completion-person = Person
completion-kind = Test kind
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
