"""The confirmation about several test results, followed by the outcome of each."""

from collections import Counter
from collections.abc import Mapping, Sequence

import streamlit as st

from etl_monitor.i18n.translator import Translator
from etl_monitor.markdown import escape_markdown
from etl_monitor.ui.results import commands as results_commands
from etl_monitor.ui.session.state import translator
from etl_monitor.ui.widgets.confirm import close_button, is_sure


def open_bulk_reprocess_dialog(test_ids: Sequence[str], total: int) -> None:
    """`total`: how many tests the filter matches. If that is more than one command may have, the
    dialog says that the rest is left for the next time."""
    t = translator()
    done: list[Mapping[str, str | None]] = []

    @st.dialog(t("reprocess-many-title", n=len(test_ids)), icon=":material/replay:")
    def dialog() -> None:
        confirmation = st.empty()
        if not done:
            with confirmation.container():
                if not _confirm(test_ids, total, t):
                    return
            done.append(results_commands.reprocess_many(test_ids))
            confirmation.empty()
        _count_outcomes(done[0], t)
        close_button(t("close"))

    dialog()


def _confirm(test_ids: Sequence[str], total: int, t: Translator) -> bool:
    st.text(t("reprocess-many-question"))
    st.caption(t("reprocess-consequence"))
    if total > len(test_ids):
        st.warning(t("reprocess-many-limit", n=len(test_ids), total=total))
    yes = t("reprocess-many-yes", n=len(test_ids))
    return is_sure(yes, otherwise=t("leave-as-is"), can_be_done=bool(test_ids))


def _count_outcomes(problems: Mapping[str, str | None], t: Translator) -> None:
    """Show how many tests were queued, and each problem of the others with its count."""
    rejected = Counter(problem for problem in problems.values() if problem is not None)
    queued = len(problems) - rejected.total()
    if queued:
        st.success(t("reprocess-many-done", n=queued), icon=":material/check:")
    for problem, n in rejected.most_common():
        st.error(t("reprocess-many-refused", n=n, problem=escape_markdown(problem)))
