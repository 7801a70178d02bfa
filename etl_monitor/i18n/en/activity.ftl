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
download-scores = Download
token-add = Create a token
token-revoke = Revoke a token
role-viewer = Viewer
role-operator = Operator
role-admin = Admin
role-portal = Portal
