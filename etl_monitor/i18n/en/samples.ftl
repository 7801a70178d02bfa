## Titles of the sample tests, by the sample's key

sample-title-spring-personality = Graduate hiring, spring 2026: personality
sample-title-team-leads = Team lead promotions 2026: personality
sample-title-broken-branch = Branch sales staff 2026: personality (Excel export)
sample-title-dropped = Permanent contracts 2026: personality
sample-title-spring-reasoning = Graduate hiring, spring 2026: reasoning
sample-title-interns = Summer interns 2026: reasoning
sample-title-experienced = Experienced hires 2026: personality
sample-title-autumn-personality = Graduate hiring, autumn 2025: personality
sample-title-autumn-reasoning = Graduate hiring, autumn 2025: reasoning
sample-title-research = Research staff 2026: reasoning
sample-title-wellbeing = Company-wide adjustment survey 2025: personality
sample-title-production = Production staff 2026: personality (Changwon and Gumi)
sample-title-digital = Transfers to digital roles 2026: reasoning
sample-title-overseas = Overseas assignments 2026: personality
sample-title-pilot = Pilot study of reasoning items
sample-title-affiliates = All affiliates 2025: personality
sample-title-norms = National norms 2026: revision of the personality test
sample-title-spring-second = Graduate hiring, spring 2026, second round: personality
sample-title-autumn-second = Graduate hiring, autumn 2026: reasoning
sample-title-designers = Designers 2026: personality
sample-title-call-center = Customer service staff 2026: personality
sample-title-it-campus = IT campus 2026: reasoning
sample-title-managers = Managers 2025: assessment of competencies

# The reason of the one that is cancelled
sample-cancel-reason = Sample: the test was postponed
