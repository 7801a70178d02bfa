## Result page

back-to-results = All test results
result-not-shown = This test result cannot be shown.
no-scores-yet = No scores yet. They appear here when the job has completed.
no-scores = No scores, because no job of this test has completed. See the reason above, then retry it.
no-scores-file = No scores, because the file cannot be scored. See the reason above, then correct the file and upload it again.
no-documents = No documents yet.
tab-scores = Scores
tab-items = Items
tab-documents = Documents
tab-history = History
no-history = No job of this test has ended yet, or the records of its jobs have been deleted.
count-total = Respondents
count-people = { NUMBER($n) }
count-share = { NUMBER($n) } ({ $percent }%)
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
no-scores-cancelled = No scores, because the job was cancelled. Retry it to score the test.
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
item-chart-note = { $weak ->
    [0] Further right: easier. Higher: separates strong from weak respondents better.
   *[other] Further right: easier. Higher: separates strong from weak respondents better. Red diamonds are outside the limits (dashed lines).
}
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
download-rejected-name = { $title } excluded rows
download-failed = The file could not be created. { $why }

repair = Upload corrected file
repair-short = Correct file
repair-title = Upload a corrected file
repair-explained = It takes the place of the wrong file and is scored as the next attempt. Title and person stay, and existing scores stand until it has been scored.
repair-send = Upload and score
column-column = Column
rejected-heading = { $n ->
    [one] Where the row that was left out went wrong
   *[other] Where the { NUMBER($n) } rows that were left out went wrong
}
rejected-explained = Rows in which the column is at fault. A row counts in each such column.
rejected-whole-row = whole row
rejected-more = { $n ->
    [one] and one more column
   *[other] and { NUMBER($n) } more columns
}
rejected-left-out = { $n ->
    [one] One more column is not shown. The file of all rows has it.
   *[other] { NUMBER($n) } more columns are not shown. The file of all rows has them.
}
rejected-rows = Every row that was left out, with the reason
toast-corrected = The corrected file is queued.
