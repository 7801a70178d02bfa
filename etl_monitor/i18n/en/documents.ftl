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
