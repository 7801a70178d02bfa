"""Texts without a fixed key in the sources: families with their names, variables with their values.

A test fails if one is missing here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from types import ModuleType
from typing import get_args

from etl_monitor.pipeline.aptitude import PIPELINE
from etl_monitor.pipeline.exclusion import MALFORMED, ExclusionReason
from etl_monitor.pipeline.kinds.definition import DocumentType
from etl_monitor.pipeline.samples.files import SAMPLES
from etl_monitor.service.errors import _OF_STORAGE, WorkerExited, WorkerHung, WorkerKilled
from etl_monitor.store.connection_status import Connection, ConnectionState
from etl_monitor.store.snapshot import Counters
from etl_monitor.ui.activity import filter_bar as activity_bar
from etl_monitor.ui.activity import query as activity_query
from etl_monitor.ui.activity import table as activity_table
from etl_monitor.ui.history import charts, section
from etl_monitor.ui.jobs import bulk_preview, dialogs, filter
from etl_monitor.ui.result import interpretation, tables
from etl_monitor.ui.result import page as result_page
from etl_monitor.ui.results import query as result_query
from etl_monitor.ui.system import view, workers
from etl_monitor.ui.widgets import streamlit_labels
from etl_monitor.wire.activity import ActivityOutcome
from etl_monitor.wire.job import FINAL, JobStatus
from etl_monitor.wire.result import ResultStatus
from etl_monitor.wire.roles import Role
from etl_monitor.wire.statistics import ItemFlag
from tests.support.used_messages import codes_raised, fixed, passed
from tests.ui.widgets.test_error_messages import ERRORS

ERROR_CODES = {e.code for e in ERRORS if not e.code.startswith("http_")} | codes_raised() | {"http"}


REASONS = {reason.reason for reason in ExclusionReason if reason} | {MALFORMED}


def _named(family: str, names: Iterable[str]) -> set[str]:
    return {family.replace("{}", name) for name in names}


def _reasons() -> set[str]:
    """Return the reasons without a connection that the docstring of `Connection` lists."""
    reasons = (Connection.__doc__ or "").partition("is not live:")[2].partition(", or http_")[0]
    return {*re.findall(r"\w+", reasons), "http"}


def _tables(module: ModuleType) -> list[dict[str, str]]:
    own = (value for name, value in vars(module).items() if not name.startswith("__"))
    return [value for value in own if isinstance(value, dict)]


_FAMILIES: Mapping[str, Iterable[str]] = {
    "activity-any-{}": {choice.name for choice in activity_bar._SELECTS},
    "activity-{}": {
        *(choice.name for choice in activity_bar._SELECTS),
        *ActivityOutcome,
        *activity_table._COLUMNS,
        *activity_table._EXPORTED,
    },
    "column-{}": {
        *tables._SCALE_FIGURES,
        *(name.replace("_", "-") for name in tables._ITEM_FIGURES),
    },
    "connection-reason-{}": _reasons(),
    "connection-{}": ConnectionState,
    "consequence-{}": get_args(bulk_preview.Kind),
    "counter-{}": {field.name for field in fields(Counters)},
    "counter-{}-note": {field.name for field in fields(Counters)},
    "document-excluded-{}": REASONS,
    "document-{}": get_args(DocumentType),
    "error-{}": ERROR_CODES,
    "flag-{}": get_args(ItemFlag),
    "history-as-{}": section._FORM.options,
    "history-by-{}": section._GROUPING.options,
    "history-period-{}": section.PERIODS,
    "last-run-{}": {"failed", "cancelled"},
    "log-{}": {"rows_read", "rows_not_used", "restarted"},
    "many-{}-cannot": get_args(bulk_preview.Kind),
    "many-{}-title": get_args(bulk_preview.Kind),
    "many-{}-yes": get_args(bulk_preview.Kind),
    "meaning-{}": get_args(ItemFlag),
    "outcome-{}": get_args(bulk_preview.Kind),
    "period-{}": {*activity_query.PERIODS, *filter.PERIODS},
    "reason-{}": REASONS,
    "result-{}": ResultStatus,
    "results-by-{}": result_query.SORTS,
    "role-{}": Role,
    "said-{}": FINAL,
    "sample-title-{}": {sample.key for sample in SAMPLES},
    "sort-{}": filter.SORTS,
    "status-{}": JobStatus,
    "step-{}": {step.name for step in PIPELINE.steps},
    "system-delay-{}": view._DELAYS,
    "system-{}": passed("system/view", "_fact", 0) | passed("system/view", "_section", 0),
    "worker-{}": workers.TONES,
    "tab-{}": result_page._TABS,
}

FAMILIES = {family: _named(family, names) for family, names in _FAMILIES.items()}

# Families that need not have a text for each name: if it is missing, another text is shown.
OPTIONAL = {
    "advice-{}": _named("advice-{}", ERROR_CODES),
    "{}-{}": {
        f"error-{kind.code}-{kind.reason}" for kind in (WorkerExited, WorkerHung, WorkerKilled)
    }
    | {"error-too_many_invalid_rows-all"}
    | {f"error-storage_unavailable-{reason}" for reason in _OF_STORAGE},
}

VARIABLES = {
    "live/commands: message_key": fixed("live/commands", "toast-")
    | fixed("jobs/commands", "toast-")
    | fixed("results/commands", "toast-"),
    "activity/table: ACTIONS[action]": set(activity_query.ACTIONS.values()),
    "activity/table: key": fixed("activity/table", "activity-"),
    "jobs/attention: reason": fixed("jobs/attention", "attention-")
    - {"attention-heading", "attention-more"},
    "jobs/dialogs: meaning": set(dialogs._SHORTCUTS.values()),
    "history/charts: key": set(charts._TOOLTIP.values()),
    "jobs/facts: key": fixed("jobs/facts", "fact-"),
    "jobs/row: key": passed("jobs/row", "_accessible_name", 0),
    "widgets/streamlit_labels: key": {
        key for table in _tables(streamlit_labels) for key in table.values()
    },
    "widgets/error_messages: key": {"log-rows_read", "log-rows_not_used", "log-restarted"},
    "jobs/bulk_preview: _not_cancelled(job)": fixed("jobs/bulk_preview", "cannot-"),
    "jobs/bulk_preview: _not_retried(job, able, ctx)": fixed("jobs/bulk_preview", "cannot-"),
    "result/interpretation: key": {key for _, key, _ in interpretation._ALPHA},
    "result/page: _why_no_scores(data.result.last_job)": fixed("result/page", "no-scores"),
    "result/page: name": fixed("result/page", "count-"),
    "system/workers: key": set(workers.COLUMNS),
    "upload/dialog: key": fixed("upload/dialog", "missing-"),
}
