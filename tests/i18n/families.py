"""The keys of texts that are not asked for by a fixed key: each family with what its names are made
of, each variable with what it takes. A new one has to be put down here, or a test fails.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import ModuleType
from typing import get_args

from etl_monitor.activity import Outcome
from etl_monitor.job import FINAL, JobStatus
from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.kind import DocumentType
from etl_monitor.pipeline.problems import REASON_WORDS
from etl_monitor.result import ResultStatus
from etl_monitor.roles import Role
from etl_monitor.store.connection import Connection, ConnectionState
from etl_monitor.store.snapshot import Counters
from etl_monitor.ui import (
    activity_query,
    activity_table,
    dialogs,
    history,
    history_charts,
    history_rows,
    job_filter,
    names,
    preview,
    reading,
    result_list,
    system_view,
    tables,
)
from tests.i18n.asked import codes_raised, fixed, passed
from tests.ui.test_problems import ERRORS, HUNG

ERROR_CODES = {e.code for e in ERRORS if not e.code.startswith("http_")} | codes_raised() | {"http"}


def _named(family: str, names: Iterable[str]) -> set[str]:
    return {family.replace("{}", name) for name in names}


def _reasons() -> set[str]:
    """Why there is no connection: as the connection's own description lists them."""
    told = (Connection.__doc__ or "").partition("is not live:")[2].partition(", or http_")[0]
    return {*re.findall(r"\w+", told), "http"}


def _tables(module: ModuleType) -> list[dict[str, str]]:
    own = (value for name, value in vars(module).items() if not name.startswith("__"))
    return [value for value in own if isinstance(value, dict)]


_FAMILIES: Mapping[str, Iterable[str]] = {
    "activity-any-{}": passed("activity_page", "_choice", 0),
    "activity-{}": {
        *passed("activity_page", "_choice", 0),
        *Outcome,
        *activity_table._COLUMNS,
        *activity_table._EXPORTED,
    },
    "column-{}": {
        *tables._SCALE_FIGURES,
        *(name.replace("_", "-") for name in tables._ITEM_FIGURES),
    },
    "connection-reason-{}": _reasons(),
    "connection-{}": ConnectionState,
    "consequence-{}": get_args(preview.Kind),
    "counter-{}": {one.name for one in fields(Counters)},
    "counter-{}-note": {one.name for one in fields(Counters)},
    "document-{}": get_args(DocumentType),
    "error-{}": ERROR_CODES,
    "flag-{}": reading._WORST_FIRST,
    "history-as-{}": history._LOOKS,
    "history-by-{}": get_args(history_rows.By),
    "history-period-{}": history.PERIODS,
    "log-{}": {"rows_read", "rows_not_used"},
    "many-{}-cannot": get_args(preview.Kind),
    "many-{}-title": get_args(preview.Kind),
    "many-{}-yes": get_args(preview.Kind),
    "meaning-{}": reading._WORST_FIRST,
    "outcome-{}": get_args(preview.Kind),
    "period-{}": {*activity_query.PERIODS, *job_filter.PERIODS},
    "reason-{}": REASON_WORDS,
    "result-{}": ResultStatus,
    "results-by-{}": result_list.SORTS,
    "role-{}": Role,
    "said-{}": FINAL,
    "sort-{}": job_filter.SORTS,
    "status-{}": JobStatus,
    "step-{}": {step.name for step in PIPELINE.steps},
    "system-delay-{}": system_view._DELAYS,
    "system-{}": passed("system_view", "_fact", 0) | passed("system_view", "_section", 0),
    "worker-{}": system_view._WORKER_TONES,
}
FAMILIES = {family: _named(family, names) for family, names in _FAMILIES.items()}

# Families that need not have a text for each name: where there is none, something else is said.
OPTIONAL = {
    "advice-{}": _named("advice-{}", ERROR_CODES),
    "{}-{}": _named(f"error-{{}}-{HUNG['reason']}", ERROR_CODES)
    | {"error-too_many_invalid_rows-all"},
}

VARIABLES = {
    "actions: told": fixed("actions", "told-"),
    "activity_table: ACTIONS[action]": set(activity_query.ACTIONS.values()),
    "activity_table: key": fixed("activity_table", "activity-"),
    "dialogs: meaning": set(dialogs._SHORTCUTS.values()),
    "history_charts: key": set(history_charts._TOLD.values()),
    "job_facts: key": fixed("job_facts", "fact-"),
    "job_row: key": passed("job_row", "_named", 0),
    "names: key": {key for table in _tables(names) for key in table.values()},
    "problems: key": {"log-rows_read", "log-rows_not_used"},
    "preview: _not_cancelled(job)": fixed("preview", "cannot-"),
    "preview: _not_retried(job, able, look)": fixed("preview", "cannot-"),
    "reading: key": {key for _, key, _ in reading._ALPHA},
    "result_page: _why_no_scores(data.result.last_job)": fixed("result_page", "no-scores"),
    "result_page: name": fixed("result_page", "tab-") | fixed("result_page", "count-"),
    "system_view: key": set(system_view._WORKER_COLUMNS),
    "upload: k": fixed("upload", "missing-"),
}
