"""The questions about several jobs or tests: what can be done, and then what became of each.

Once it was done, the outcomes take the place of the question: there is nothing left to press twice.
"""

from collections.abc import Sequence

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.jobs import commands
from etl_monitor.ui.jobs.bulk_preview import Kind, Preview, line_of, preview
from etl_monitor.ui.jobs.commands import Outcome
from etl_monitor.ui.session.state import render_context, translator
from etl_monitor.ui.widgets.confirm import close_button, is_sure
from etl_monitor.ui.widgets.navigation import job_address
from etl_monitor.wire.job import short_id

_NAMED = 8  # jobs that a question names


def ask_many(kind: Kind, job_ids: Sequence[str]) -> None:
    """Cancel or retry several jobs."""
    t = translator()
    seen = preview(kind, job_ids, render_context())
    done: list[list[Outcome]] = []  # once something was asked for; outlives this dialog's reruns

    @st.dialog(t(f"many-{kind}-title", n=len(seen.able)), icon=":material/checklist:")
    def question() -> None:
        place = st.empty()
        if not done:
            with place.container():
                is_wanted, reason = _asked(kind, seen, t)
            if not is_wanted:
                return
            done.append(commands.many(kind, seen.able, reason))
            place.empty()
        _listing([_outcome(kind, one, t) for one in done[0]])
        close_button(t("close"))

    question()


def _asked(kind: Kind, seen: Preview, t: Translator) -> tuple[bool, str]:
    """Whether it is to be done, and why."""
    _named([line_of(job) for job in seen.able], t)
    if seen.unable:
        st.warning(t(f"many-{kind}-cannot", n=len(seen.unable)), icon=":material/block:")
        _named(seen.unable, t)
    if not seen.able:
        close_button(t("close"))
        return False, ""
    st.caption(t(f"consequence-{kind}"))
    reason = ""
    if kind == "cancel":
        reason = st.text_input(t("cancel-reason"), max_chars=500, key="etl_cancel_many_reason")
    yes = t(f"many-{kind}-yes", n=len(seen.able))
    return is_sure(yes, otherwise=t("leave-as-is")), reason


def _named(lines: Sequence[str], t: Translator) -> None:
    _listing([escape_markdown(line) for line in lines[:_NAMED]])
    if len(lines) > _NAMED:
        st.caption(t("and-more", n=len(lines) - _NAMED))


def _outcome(kind: Kind, one: Outcome, t: Translator) -> str:
    """A line for each job: what was asked for, with a way to what came of it, or why not."""
    name = escape_markdown(line_of(one.job))
    if one.problem:
        return f":material/error: {name}: {escape_markdown(one.problem)}"
    done = f":material/check: {name}: {t(f'outcome-{kind}')}"
    if one.new_job_id is None:
        return done
    new = escape_markdown(t("activity-new-job", id=short_id(one.new_job_id)))
    return f"{done} → [{new}]({job_address(one.new_job_id, t)})"


def _listing(lines: Sequence[str]) -> None:
    """One element, however many lines. They are Markdown."""
    st.markdown("\n".join(f"- {line}" for line in lines))
