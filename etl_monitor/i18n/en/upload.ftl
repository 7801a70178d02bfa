## Upload

upload = Upload
upload-title = Upload an answer file
upload-kind = Kind of test
upload-file = Answer file
upload-test-title = Title
upload-person = Person in charge
upload-person-hint = The name by which you look for the test in the list
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
