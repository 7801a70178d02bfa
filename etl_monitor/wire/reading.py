"""Read records as back ends of many makes send them.

A value that cannot be read is left out, and so is a record without its id: neither decides over the
others. Fields may be in camelCase or snake_case.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from types import NoneType
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args

import msgspec

from etl_monitor.plain_text import visible
from etl_monitor.wire import values
from etl_monitor.wire.base import Record, VisibleText
from etl_monitor.wire.job import STATUSES, Job, JobStatus, JobStep, LogLine
from etl_monitor.wire.replies import QueuedJob
from etl_monitor.wire.result import Document, ResultStatus, TestResult
from etl_monitor.wire.status_names import StatusNames

R = TypeVar("R", bound=Record)

_UNREADABLE = (ValueError, OverflowError, TypeError)
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

    def fields_of_text(self, kind: type[Job], text: str) -> dict[str, Any] | None:
        """Return the fields of a job in a JSON text, None if it has no object. A text like one
        before, with exact values, takes a third of the time that others take."""
        exact = exact_fields(text)
        if exact is not None:
            return self.fields_of_exact(exact)
        try:
            sent = values.decode(text)
        except ValueError:
            return None
        if not isinstance(sent, dict):
            return None
        _learn(text, sent)
        return self.fields(kind, sent)

    def fields_of_exact(self, sent: "SentFields") -> dict[str, Any]:
        """Return the fields of which some have still to be read."""
        fields = msgspec.structs.asdict(sent)
        for name, read in sent.to_read:
            try:
                fields[name] = read(self, fields[name])
            except _UNREADABLE:
                del fields[name]
        return fields

    def _read_fields(
        self, table: Mapping[str, "_Field"], data: Mapping[Any, Any]
    ) -> Iterator[tuple[str, Any]]:
        for name, value in data.items():
            field = table.get(name)
            if field is None:
                continue
            try:
                read = field.read(self, value)
            except _UNREADABLE:
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
    read: "_Read"
    is_nullable: bool


_Read = Callable[[RecordReader, Any], Any]


def _plain(read: Callable[[Any], Any]) -> _Read:
    return lambda _reader, value: read(value)


def _list_of(kind: type[Record]) -> _Read:
    return lambda reader, value: reader._list(kind, value)


def _visible_text(value: Any) -> str | None:
    text = values.text(value)
    return None if text is None else visible(text)


_text, _whole_number, _flag = map(_plain, (values.text, values.whole_number, values.flag))
_identifier, _percent = map(_plain, (values.identifier, values.percent))

_BY_TYPE: Mapping[Any, _Read] = {
    JobStatus: RecordReader._status,
    ResultStatus: RecordReader._result_status,
    Job: RecordReader._job,
    str: _text,
    VisibleText: _plain(_visible_text),
    int: _whole_number,
    bool: _flag,
    tuple[Job, ...]: _list_of(Job),
    tuple[JobStep, ...]: _list_of(JobStep),
    tuple[LogLine, ...]: _list_of(LogLine),
    tuple[Document, ...]: _list_of(Document),
}
_SHARED = ("current_step", "test_kind", "worker", "requested_by")


def _shared_text(value: Any) -> str | None:
    """Return a text that many jobs have in common, once for all of them."""
    return _interned(value) if isinstance(value, str) else _visible_text(value)


@lru_cache(maxsize=256)
def _interned(text: str) -> str | None:
    read = _visible_text(text)
    return None if read is None else sys.intern(read)


_BY_NAME: Mapping[str, _Read] = {
    **dict.fromkeys(_SHARED, _plain(_shared_text)),
    **dict.fromkeys(("job_id", "id"), _identifier),
    "progress": _percent,
    "error_details": _plain(values.details),
    "details": _plain(values.details),
}

# The types of JSON of which these functions return each value as it is.
_EXACT: Mapping[_Read, Any] = {
    _text: Annotated[str, msgspec.Meta(max_length=values.MAX_TEXT)],
    _identifier: Annotated[str, msgspec.Meta(min_length=1, max_length=values.MAX_ID)],
    _whole_number: Annotated[int, msgspec.Meta(gt=-values.MAX_NUMBER, lt=values.MAX_NUMBER)],
    _percent: Annotated[int, msgspec.Meta(ge=0, le=100)],
    _flag: bool,
}


_MAX_QUOTES = 500


class SentFields(msgspec.Struct):
    """Fields of a job in a text with exact values, by their names here; all of them are in a class
    made for such texts. `to_read`: those whose values have to be read nevertheless."""

    job_id: str
    to_read: ClassVar[tuple[tuple[str, _Read], ...]] = ()
    has_status: ClassVar[bool] = False


def exact_fields(text: str) -> SentFields | None:
    """Return the fields of a JSON text like one before, if all its values are of the types that our
    own service sends."""
    try:
        return _DECODERS[text.count('"')].decode(text)
    except (LookupError, ValueError, RecursionError):
        return None


# By how many quotes the texts have. This is a guess only: other fields fail in the decoder.
_DECODERS: dict[int, msgspec.json.Decoder[SentFields]] = {}


def _learn(text: str, sent: Mapping[str, Any]) -> None:
    """Read further texts with the same fields faster, if all are known and sent once."""
    table, quotes = _table(Job), text.count('"')
    fields = {field.name for name in sent if (field := table.get(name))}
    if "job_id" in fields and len(fields) == len(sent) and quotes <= _MAX_QUOTES:
        _DECODERS[quotes] = _decoder(frozenset(sent))


@lru_cache(maxsize=256)
def _decoder(names: frozenset[str]) -> msgspec.json.Decoder[SentFields]:
    fields = {_table(Job)[name]: name for name in names}
    to_read = tuple((field.name, field.read) for field in fields if field.read not in _EXACT)
    sent_fields = msgspec.defstruct(
        "SentFields",
        [(field.name, _exact_type(field)) for field in fields],
        bases=(SentFields,),
        namespace={"to_read": to_read, "has_status": not names.isdisjoint({"status"})},
        rename={field.name: name for field, name in fields.items()},
        forbid_unknown_fields=True,
    )
    return msgspec.json.Decoder(sent_fields)


def _exact_type(field: _Field) -> Any:
    if field.read is RecordReader._status:
        return Literal[tuple(status.value for status in STATUSES)]
    exact = _EXACT.get(field.read, Any if field.is_nullable else str)
    return exact | None if field.is_nullable else exact


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


def _read_of(name: str, annotation: Any, options: tuple[Any, ...]) -> _Read:
    plain = next((option for option in options if option is not NoneType), annotation)
    if name in _BY_NAME:
        return _BY_NAME[name]
    if datetime in (plain, *get_args(plain)):
        return _plain(values.moment)
    return _BY_TYPE[plain]


@cache
def _required(kind: type[Record]) -> frozenset[str]:
    return frozenset(name for name, info in kind.model_fields.items() if info.is_required())
