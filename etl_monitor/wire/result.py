"""A test's result as it travels on the wire."""

from enum import StrEnum

from etl_monitor.wire.base import MaybeTime, Wire
from etl_monitor.wire.job import Job


class ResultStatus(StrEnum):
    COMPLETED = "completed"
    PROCESSING = "processing"
    FAILED = "failed"


class Document(Wire):
    """A text that the pipeline wrote about a result, in the language that was asked for."""

    id: str
    type: str
    summary: str
    content_preview: str
    created_at: MaybeTime = None


class DocumentText(Document):
    """A document with the whole of its text."""

    content: str
    language: str  # the one that it is in: the asked one where there is a text in it


class TestResult(Wire):
    __test__ = False  # its name makes pytest think otherwise

    id: str
    user_id: str
    anp_seq: int
    status: ResultStatus
    completed_at: MaybeTime = None
    documents: tuple[Document, ...] = ()
    title: str | None = None
    test_kind: str | None = None
    respondents: int | None = None
    created_at: MaybeTime = None
    is_sample: bool = False
    active_job: Job | None = None
    last_job: Job | None = None


class TestKind(Wire):
    """A kind of test that answer files can be uploaded for. Names by language code."""

    __test__ = False

    key: str
    names: dict[str, str]
    columns: tuple[str, ...]
    optional_columns: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()  # what an item's cell may hold; empty: not told
