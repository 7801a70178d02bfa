"""The questions about several jobs or tests: what can be done, and then what became of each.

Once it was done, the outcomes take the place of the question: there is nothing left to press twice.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from etl_monitor.i18n import Texts
from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.bulk_preview import Kind, Preview, line_of, preview
from etl_monitor.ui.jobs.commands import Outcome
from etl_monitor.ui.jobs.dialogs import is_sure
from etl_monitor.ui.jobs.row import short_id
from etl_monitor.ui.session.state import job_table, texts
from etl_monitor.ui.widgets.markdown import plain
from etl_monitor.ui.widgets.navigation import job_address

_NAMED = 8  # jobs that a question names


def ask_many(kind: Kind, job_ids: Sequence[str]) -> None:
    """Cancel or retry several jobs."""
    words = texts()
    seen = preview(kind, job_ids, job_table().look())
    done: list[list[Outcome]] = []  # once something was asked for; outlives this dialog's reruns

    @st.dialog(words(f"many-{kind}-title", n=len(seen.able)), icon=":material/checklist:")
    def question() -> None:
        place = st.empty()
        if not done:
            with place.container():
                is_wanted, reason = _asked(kind, seen, words)
            if not is_wanted:
                return
            done.append(commands.many(kind, seen.able, reason))
            place.empty()
        _listing([_outcome(kind, one, words) for one in done[0]])
        _close(words)

    question()


def ask_reprocess_many(test_ids: Sequence[str], total: int) -> None:
    """`total`: how many were meant; more than the service takes at once are left for the next
    time, which is said."""
    words = texts()
    done: list[Mapping[str, str | None]] = []

    @st.dialog(words("reprocess-many-title", n=len(test_ids)), icon=":material/replay:")
    def question() -> None:
        place = st.empty()
        if not done:
            with place.container():
                if not _asked_reprocess(test_ids, total, words):
                    return
            done.append(commands.reprocess_many(test_ids))
            place.empty()
        _count_outcomes(done[0], words)
        _close(words)

    question()


def _asked(kind: Kind, seen: Preview, words: Texts) -> tuple[bool, str]:
    """Whether it is to be done, and why."""
    _named([line_of(job) for job in seen.able], words)
    if seen.unable:
        st.warning(words(f"many-{kind}-cannot", n=len(seen.unable)), icon=":material/block:")
        _named(seen.unable, words)
    if not seen.able:
        _close(words)
        return False, ""
    st.caption(words(f"consequence-{kind}"))
    reason = ""
    if kind == "cancel":
        reason = st.text_input(words("cancel-reason"), max_chars=500, key="etl_cancel_many_reason")
    yes = words(f"many-{kind}-yes", n=len(seen.able))
    return is_sure(yes, otherwise=words("leave-as-is")), reason


def _asked_reprocess(test_ids: Sequence[str], total: int, words: Texts) -> bool:
    st.text(words("reprocess-many-question"))
    st.caption(words("reprocess-consequence"))
    if total > len(test_ids):
        st.warning(words("reprocess-many-limit", n=len(test_ids), total=total))
    yes = words("reprocess-many-yes", n=len(test_ids))
    return is_sure(yes, otherwise=words("leave-as-is"), can_be_done=bool(test_ids))


def _named(lines: Sequence[str], words: Texts) -> None:
    _listing([plain(line) for line in lines[:_NAMED]])
    if len(lines) > _NAMED:
        st.caption(words("and-more", n=len(lines) - _NAMED))


def _outcome(kind: Kind, one: Outcome, words: Texts) -> str:
    """A line for each job: what was asked for, with a way to what came of it, or why not."""
    name = plain(line_of(one.job))
    if one.problem:
        return f":material/error: {name}: {plain(one.problem)}"
    done = f":material/check: {name}: {words(f'outcome-{kind}')}"
    if one.new_job_id is None:
        return done
    new = plain(words("activity-new-job", id=short_id(one.new_job_id)))
    return f"{done} → [{new}]({job_address(one.new_job_id, words)})"


def _count_outcomes(problems: Mapping[str, str | None], words: Texts) -> None:
    """How many were queued, and for the others why not, each reason once."""
    refused = Counter(problem for problem in problems.values() if problem is not None)
    queued = len(problems) - refused.total()
    if queued:
        st.success(words("reprocess-many-done", n=queued), icon=":material/check:")
    for problem, n in refused.most_common():
        st.error(words("reprocess-many-refused", n=n, problem=plain(problem)))


def _listing(lines: Sequence[str]) -> None:
    """One element, however many lines. They are Markdown."""
    st.markdown("\n".join(f"- {line}" for line in lines))


def _close(words: Texts) -> None:
    if st.button(words("close"), width="stretch"):
        st.rerun()
