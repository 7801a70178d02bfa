"""Read records as back ends of many makes send them.

A value that cannot be read is left out, and so is a record without its id: neither decides over the
others. Fields may be in camelCase or snake_case.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args

from etl_monitor.plain_text import visible
from etl_monitor.wire import values
from etl_monitor.wire.base import Record, VisibleText
from etl_monitor.wire.job import Job, JobStatus, JobStep, LogLine
from etl_monitor.wire.replies import QueuedJob
from etl_monitor.wire.result import Document, ResultStatus, TestResult
from etl_monitor.wire.status_names import StatusNames

R = TypeVar("R", bound=Record)

_MAX_SENT_STATUS = 100  # characters that a page shows
_RESULT_STATUSES = {
    JobStatus.PENDING: ResultStatus.PROCESSING,
    JobStatus.RUNNING: ResultStatus.PROCESSING,
    JobStatus.COMPLETED: ResultStatus.COMPLETED,
    JobStatus.FAILED: ResultStatus.FAILED,
    JobStatus.CANCELLED: ResultStatus.FAILED,
    JobStatus.UNKNOWN: ResultStatus.UNKNOWN,
}
# What a back end may leave out although our own service always sends it.
_MISSING: Mapping[type[Record], Mapping[str, Any]] = {
    JobStep: {"index": 0, "status": JobStatus.UNKNOWN},
    LogLine: {"at": None, "level": "info"},
    QueuedJob: {"job_id": ""},
    TestResult: {"user_id": "", "anp_seq": 0, "status": ResultStatus.UNKNOWN},
    Document: {"type": "", "summary": "", "content_preview": ""},
}


# Steps may be no more than their names, and a log lines of text.
_TEXT_FIELDS: Mapping[type[Record], str] = {JobStep: "name", LogLine: "message"}


class RecordReader:
    """Reads decoded JSON with the names that a back end has for the states of its jobs."""

    def __init__(self, status_names: StatusNames | None = None) -> None:
        self._status_names = status_names or StatusNames()

    def record(self, kind: type[R], data: Any) -> R | None:
        """Return the record, None if `data` has not at least its id or name."""
        text_field = _TEXT_FIELDS.get(kind)
        if text_field and isinstance(data, str):
            data = {text_field: data}
        if not isinstance(data, Mapping):
            return None
        found = {**_MISSING.get(kind, {}), **self.fields(kind, data)}
        if not _required(kind) <= found.keys():
            return None
        return kind.of_fields(found)

    def fields(self, kind: type[Record], data: Mapping[Any, Any]) -> dict[str, Any]:
        """Return the fields of `kind` in `data` that can be read, by their names here."""
        table = _table(kind)
        return dict(self._read_fields(table, data))

    def _read_fields(
        self, table: Mapping[str, "_Field"], data: Mapping[Any, Any]
    ) -> Iterator[tuple[str, Any]]:
        for name, value in data.items():
            field = table.get(name)
            if field is None:
                continue
            try:
                read = field.read(self, value)
            except (ValueError, OverflowError, TypeError):
                continue
            if read is not None or field.is_nullable:
                yield field.name, read
            if read is JobStatus.UNKNOWN:
                yield "sent_status", (values.text(value) or "")[:_MAX_SENT_STATUS]

    def _status(self, value: Any) -> JobStatus:
        return self._status_names.status(values.text(value) or "")

    def _result_status(self, value: Any) -> ResultStatus:
        return _RESULT_STATUSES[self._status(value)]

    def _job(self, value: Any) -> Job | None:
        return self.record(Job, value)

    def _list(self, kind: type[Record], value: Any) -> tuple[Record, ...] | None:
        if isinstance(value, str):
            value = value.splitlines()
        if not isinstance(value, list):
            return None
        records = (self.record(kind, item) for item in value)
        return tuple(record for record in records if record is not None)


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    read: Callable[[RecordReader, Any], Any]
    is_nullable: bool


def _plain(read: Callable[[Any], Any]) -> Callable[[RecordReader, Any], Any]:
    return lambda _reader, value: read(value)


def _list_of(kind: type[Record]) -> Callable[[RecordReader, Any], Any]:
    return lambda reader, value: reader._list(kind, value)


def _visible_text(value: Any) -> str | None:
    text = values.text(value)
    return None if text is None else visible(text)


_BY_TYPE: Mapping[Any, Callable[[RecordReader, Any], Any]] = {
    JobStatus: RecordReader._status,
    ResultStatus: RecordReader._result_status,
    Job: RecordReader._job,
    str: _plain(values.text),
    VisibleText: _plain(_visible_text),
    int: _plain(values.whole_number),
    bool: _plain(values.flag),
    tuple[Job, ...]: _list_of(Job),
    tuple[JobStep, ...]: _list_of(JobStep),
    tuple[LogLine, ...]: _list_of(LogLine),
    tuple[Document, ...]: _list_of(Document),
}
_SHARED = ("current_step", "test_kind", "worker", "requested_by")


def _shared_text(value: Any) -> str | None:
    """Return a text that many jobs have in common, once for all of them."""
    read = _visible_text(value)
    return None if read is None else sys.intern(read)


_BY_NAME: Mapping[str, Callable[[RecordReader, Any], Any]] = {
    **dict.fromkeys(_SHARED, _plain(_shared_text)),
    **dict.fromkeys(("job_id", "id"), _plain(values.identifier)),
    "progress": _plain(values.percent),
    "error_details": _plain(values.details),
    "details": _plain(values.details),
}


@cache
def _table(kind: type[Record]) -> Mapping[str, _Field]:
    """Return the fields of a record by each name that they may have on the wire."""
    table: dict[str, _Field] = {}
    for name, info in kind.model_fields.items():
        if info.exclude:
            continue
        options = get_args(info.annotation) if NoneType in get_args(info.annotation) else ()
        field = _Field(name, _read_of(name, info.annotation, options), bool(options))
        table |= {name: field, str(info.alias): field}
    return table


def _read_of(
    name: str, annotation: Any, options: tuple[Any, ...]
) -> Callable[[RecordReader, Any], Any]:
    plain = next((option for option in options if option is not NoneType), annotation)
    if name in _BY_NAME:
        return _BY_NAME[name]
    if datetime in (plain, *get_args(plain)):
        return _plain(values.moment)
    return _BY_TYPE[plain]


@cache
def _required(kind: type[Record]) -> frozenset[str]:
    return frozenset(name for name, info in kind.model_fields.items() if info.is_required())
