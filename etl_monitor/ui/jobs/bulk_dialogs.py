"""The dialogs about several jobs: what can be done, and then each job's outcome.

The outcomes replace the confirmation, so there is nothing left to press twice.
"""

from collections.abc import Sequence

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.bulk_preview import Kind, Preview, line_of, preview
from etl_monitor.ui.jobs.commands import JobOutcome
from etl_monitor.ui.session.state import render_context, translator
from etl_monitor.ui.widgets.confirm import close_button, is_sure
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.job import short_id

_MAX_NAMED = 8  # jobs that the dialog names


def open_bulk_dialog(kind: Kind, job_ids: Sequence[str]) -> None:
    """Ask whether to cancel or retry several jobs, and do it."""
    t = translator()
    jobs = preview(kind, job_ids, render_context())
    done: list[
        list[JobOutcome]
    ] = []  # the outcomes, once there are any; outlives this dialog's reruns

    @st.dialog(t(f"many-{kind}-title", n=len(jobs.able)), icon=":material/checklist:")
    def dialog() -> None:
        slot = st.empty()
        if not done:
            with slot.container():
                is_confirmed, reason = _confirmation(kind, jobs, t)
            if not is_confirmed:
                return
            done.append(commands.run_bulk(kind, jobs.able, reason))
            slot.empty()
        _listing([_outcome(kind, outcome, t) for outcome in done[0]])
        close_button(t("close"))

    dialog()


def _confirmation(kind: Kind, jobs: Preview, t: Translator) -> tuple[bool, str]:
    """Draw the question. Returns whether it was confirmed, and the reason given."""
    _named([line_of(job, t) for job in jobs.able], t)
    if jobs.unable:
        st.warning(t(f"many-{kind}-cannot", n=len(jobs.unable)), icon=":material/block:")
        _named(jobs.unable, t)
    if not jobs.able:
        close_button(t("close"))
        return False, ""
    st.caption(t(f"consequence-{kind}"))
    reason = ""
    if kind == "cancel":
        reason = st.text_input(t("cancel-reason"), max_chars=500, key="etl_cancel_many_reason")
    yes = t(f"many-{kind}-yes", n=len(jobs.able))
    return is_sure(yes, otherwise=t("leave-as-is")), reason


def _named(lines: Sequence[str], t: Translator) -> None:
    _listing([escape_markdown(line) for line in lines[:_MAX_NAMED]])
    if len(lines) > _MAX_NAMED:
        st.caption(t("and-more", n=len(lines) - _MAX_NAMED))


def _outcome(kind: Kind, outcome: JobOutcome, t: Translator) -> str:
    """Return a job's line: what was requested, with a link to the new job, or why it failed."""
    name = escape_markdown(line_of(outcome.job, t))
    if outcome.problem:
        return f":material/error: {name}: {escape_markdown(outcome.problem)}"
    done = f":material/check: {name}: {t(f'outcome-{kind}')}"
    if outcome.new_job_id is None:
        return done
    new = escape_markdown(t("activity-new-job", id=short_id(outcome.new_job_id)))
    return f"{done} → [{new}]({job_address(outcome.new_job_id, t)})"


def _listing(lines: Sequence[str]) -> None:
    """Draw lines of Markdown as one element, however many there are."""
    st.markdown("\n".join(f"- {line}" for line in lines))
