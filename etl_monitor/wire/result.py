"""A test's result on the wire."""

from enum import StrEnum
from typing import Any

from pydantic_core import CoreSchema, core_schema

from etl_monitor.wire.base import MaybeTime, Record, VisibleText
from etl_monitor.wire.job import Job


class ResultStatus(StrEnum):
    COMPLETED = "completed"
    PROCESSING = "processing"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the back end calls it something that the portal does not know

    @classmethod
    def __get_pydantic_core_schema__(cls, *_: Any) -> CoreSchema:
        """On the wire there is no unknown state, as for `JobStatus`."""
        return core_schema.enum_schema(cls, list(RESULT_STATUSES), sub_type="str")


RESULT_STATUSES = tuple(status for status in ResultStatus if status is not ResultStatus.UNKNOWN)
"""The states that the wire has, in their order."""


class Document(Record):
    """A text that the pipeline wrote about a result, in the requested language if there is one."""

    id: str
    type: str
    summary: str
    content_preview: str
    created_at: MaybeTime = None


class DocumentText(Document):
    """A document with its whole text."""

    content: str
    language: str  # of the text


class TestResult(Record):
    __test__ = False  # pytest would collect it for its name

    id: str
    user_id: str
    anp_seq: int
    status: ResultStatus
    completed_at: MaybeTime = None
    documents: tuple[Document, ...] = ()
    title: VisibleText | None = None
    test_kind: str | None = None
    respondents: int | None = None
    created_at: MaybeTime = None
    is_sample: bool = False
    active_job: Job | None = None
    last_job: Job | None = None
    unreadable: str | None = None  # which part of its stored record cannot be read, and why


class TestKind(Record):
    """A kind of test that answer files can be uploaded for. `names` by language code."""

    __test__ = False

    key: str
    names: dict[str, str]
    columns: tuple[str, ...]
    optional_columns: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()  # the valid values of an item's cell; empty: not sent
