## Errors: what happened, why, what to do

problem-unknown = The job failed without saying why.
advice-retry = Try again. If it fails again, send the technical details to the service’s administrator.
advice-file = Correct the file and upload it again. Retrying the same file will fail again.
log-rows_read = { NUMBER($rows) } rows read, { NUMBER($malformed) } with a wrong number of fields
log-restarted = The service was restarted. The job goes back to the queue and starts over.
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
error-answer_file_missing = The answer file “{ $fileName }” is no longer on the server’s disk. Scores of earlier runs are unchanged.
advice-answer_file_missing = Ask the service’s administrator to put the file back from a backup, then retry; or upload it again.
error-worker_lost = The process that ran this job ended unexpectedly. Nothing was changed.
error-worker_lost-hung = The step “{ $step }” did not respond for { NUMBER($seconds) } s, so it was stopped. Nothing was changed.
error-worker_lost-exited = The step “{ $step }” ended its own process (exit code { $exitCode }). Nothing was changed.
error-worker_lost-killed = The process of the step “{ $step }” was ended from outside ({ $signal }), often because memory ran out. Nothing was changed.
error-step_exited = The step “{ $step }” called for the end of the program. Nothing was changed.
error-step_interrupted = The step “{ $step }” was interrupted. Nothing was changed.
error-unusable_handover = The step “{ $step }” handed over a result that cannot be used: { $part }: { $problem }. Nothing was changed.
advice-step_exited = Ask the people who maintain the pipeline to mend this step.
advice-unusable_handover = Ask the people who maintain the pipeline to mend this step.
record-unreadable = Part of this record cannot be shown.
advice-record-unreadable = The administrator of the service finds it in the service’s log as record_unreadable.
error-statistics_unreadable = The stored statistics of this test cannot be read. Process the test again.
error-cell_too_long = The cell of the column { $column } in row { NUMBER($row) } is longer than { NUMBER($limit_bytes) } bytes.
error-too_many_rows = The answer file has { NUMBER($rows) } rows; at most { NUMBER($limit) } are read.
error-expands_too_much = The column { $column } takes { NUMBER($unpacked_bytes) } bytes when it is unpacked, the whole file { NUMBER($file_bytes) }. Write the file with smaller row groups, or save it as CSV.
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
error-job_not_waiting = The job { $job_id } no longer waits, so it cannot be moved to the front.
error-job_not_failed = The job { $job_id } has not failed, so there is nothing to mark as seen.
error-no_rejected_rows = No run of this test has recorded which rows it left out.
error-job_not_retryable = Only failed and cancelled jobs can be retried.
error-database_unavailable = The service cannot use its database at the moment. Try again shortly.
error-storage_unavailable = The service cannot use the storage of its files at the moment. Nothing was changed. Try again shortly.
error-storage_unavailable-unreachable = The storage of the service’s files does not respond. Nothing was changed. Try again shortly.
error-storage_unavailable-bucket_missing = The bucket for the service’s files does not exist. Nothing was changed. Contact the service’s administrator.
error-storage_unavailable-denied = The storage of the service’s files denies access. Nothing was changed. Contact the service’s administrator.
advice-storage_unavailable = Retry the job when the service can use its storage again; the service’s administrator sees the reason in its log. Scores of earlier runs are unchanged.
error-too_many_connections = The server has as many connections as it can have at the moment. Try again in a few seconds.
error-not_ready = The service is not ready yet: { $checks }. Try again shortly.
error-unreachable = Can’t reach the service. Check that it is running. The data shown may be out of date.
error-timeout = The service did not answer in time. Try again shortly.
error-http = The service’s address refused the request (HTTP { $http }). Try again; if the error persists, contact the service’s administrator.
error-redirect_refused = The service at { $address } redirects to { $target }. The request was not sent there. If the service has moved, its new address belongs in ETL_MONITOR_API_URL.
error-not_a_service = The reply from this address does not come from an ETL service. Check ETL_MONITOR_API_URL.
error-web_page = A web page answers at this address, not an ETL service. Check ETL_MONITOR_API_URL.
error-sign_in_page = A sign-in page answers instead of the service. The proxy in front of it must let the portal through without one.
error-other_version = The service’s reply has an unexpected form. It may be another version; update the portal and the service to the same one.
error-too_many_records = The service’s list has too many records to read. Narrow the filters, or contact the service’s administrator.
error-reply_too_large = The service’s reply is too large to read. Contact the service’s administrator.
error-excel_workbook = This is an Excel workbook. Save it in Excel as “CSV UTF-8”, then choose that file.
error-sign_in_required = Sign in to the portal first.
error-too_many_rows_for_xlsx = An Excel sheet holds at most { NUMBER($limit) } rows; this result has { NUMBER($rows) }. Download the CSV or Parquet file.
