"""The upload of an answer file: store it, check it, then create the test with its first job.

Until the test exists the file is among the incoming files under a generated name. The name that it
was uploaded with is stored as text; only its suffix is ever part of a path.
"""

import errno
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from etl_monitor.errors import ApiError, BadRequest, PipelineError
from etl_monitor.pipeline.errors import BrokenDefinition
from etl_monitor.plain_text import PRINTABLE, canonical, visible
from etl_monitor.service import errors
from etl_monitor.service.access.activity_log import Action, record_rejection
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api.body_limits import at_most, drain
from etl_monitor.service.api.dependencies import CANONICAL, Body, Name, TestKindName
from etl_monitor.service.border.kinds import check_file, offered_kinds
from etl_monitor.service.commands import Commands
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results import registration
from etl_monitor.service.results.registration import NewFile
from etl_monitor.service.service import Service
from etl_monitor.service.storage.data_dir import suffix_of
from etl_monitor.wire.result import TestResult

Fields = TypeVar("Fields", bound=Body)

MB = 1_000_000
_FIELDS_LIMIT = 64 * 1024  # bytes of a form without its file
_FIELD_LIMIT = 8 * 1024  # bytes of one field
_HEAD_SIZE = 64 * 1024  # bytes that are read to recognise a workbook
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # the first bytes of xlsx and xls, and of others

Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=0, max_length=200, pattern=PRINTABLE),
    CANONICAL,
]

UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "testKind", "userId"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "testKind": {"type": "string", "minLength": 1, "maxLength": 100},
                        "userId": {"type": "string", "minLength": 1, "maxLength": 200},
                        "title": {"type": "string", "maxLength": 200},
                    },
                }
            }
        },
    }
}


REPLACEMENT_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "additionalProperties": False,
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "testKind": {"type": "string", "minLength": 1, "maxLength": 100},
                    },
                }
            }
        },
    }
}


class ReplacementFields(Body):
    """The fields of a corrected file's form. Without a kind the test keeps its own."""

    test_kind: TestKindName | None = None


class UploadFields(Body):
    """The fields of the form. Without a title the file's name is the title."""

    test_kind: TestKindName
    user_id: Name
    title: Title = ""


async def receive(
    request: Request, service: Service, principal: Principal, language: str
) -> TestResult:
    """Return the new test.

    Raises ApiError, or PipelineError if a test kind's definition was broken after the start; then
    the file is removed.
    """
    action = Action(action="upload")
    try:
        with _disk_full_as_error():
            form = await _read_form(request, service)
            action.title = _title(form)
            try:
                return await run_in_threadpool(_create, form, service, principal, language)
            finally:
                await form.close()
    except (ApiError, PipelineError) as error:
        await run_in_threadpool(record_rejection, service.db, principal, action, error)
        raise


async def receive_replacement(
    request: Request, service: Service, principal: Principal, language: str, test_id: str
) -> TestResult:
    """Return the test, whose next attempt is queued. Raises as `receive` does, NotFound, and
    Conflict if the test has an active job."""
    action = Action(action="upload", test_id=test_id)
    try:
        with _disk_full_as_error():
            form = await _read_form(request, service)
            try:
                new = await run_in_threadpool(_accept_replacement, form, service, test_id)
            finally:
                await form.close()
    except (ApiError, PipelineError) as error:
        await run_in_threadpool(record_rejection, service.db, principal, action, error)
        raise
    commands = Commands(service=service, principal=principal)
    return await run_in_threadpool(_replace, commands, test_id, new, language)


@contextmanager
def _disk_full_as_error() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _DISK_FULL:
            raise errors.DiskFull() from error
        raise


async def _read_form(request: Request, service: Service) -> FormData:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise errors.MalformedRequest(reason="an answer file is sent as multipart/form-data")
    limit_mb = service.settings.upload_limit_mb
    limit = limit_mb * MB + _FIELDS_LIMIT
    # While it is checked a file is on the disk twice.
    if not service.folders.has_space(2 * min(limit, _content_length(request))):
        await drain(request.stream())
        raise errors.DiskFull()
    chunks = request.stream()
    body = at_most(limit, chunks, errors.FileTooLarge(limit_mb=limit_mb))
    parser = MultiPartParser(
        request.headers, body, max_files=1, max_fields=10, max_part_size=_FIELD_LIMIT
    )
    try:
        return await parser.parse()
    except (MultiPartException, LookupError, UnicodeError) as error:
        raise errors.MalformedRequest(reason=_in_words(str(error))) from None
    except OSError:
        await drain(chunks)
        raise


def _in_words(problem: str) -> str:
    if problem.startswith("Too many files"):
        return "more than one file; send each answer file in a request of its own"
    return problem


def _content_length(request: Request) -> int:
    """Return the announced size in bytes, or 0."""
    header = request.headers.get("content-length", "")
    return int(header) if header.isdecimal() else 0


def _title(form: FormData) -> str | None:
    """Return the title for the activity log, before anything is checked."""
    title = form.get("title")
    return _as_text(title)[:200] if isinstance(title, str) and title.strip() else None


def _create(form: FormData, service: Service, principal: Principal, language: str) -> TestResult:
    file, fields = _parse(form)
    incoming = _store(file, service)
    try:
        _check(incoming, file.filename or "", fields.test_kind, service)
        return _register(incoming, file.filename or "", fields, service, principal, language)
    finally:
        incoming.unlink(missing_ok=True)


def _accept_replacement(form: FormData, service: Service, test_id: str) -> NewFile:
    """Check the file and store it. Its test may be deleted or processed before it is replaced."""
    with service.db.reading() as tx:
        test = result_queries.test_row(tx, test_id)
    file, others = _parts(form)
    fields = _validated(ReplacementFields, others)
    incoming, file_name = _store(file, service), file.filename or ""
    try:
        _check(incoming, file_name, fields.test_kind or test.test_kind, service)
        size = incoming.stat().st_size
        stored = incoming.replace(service.folders.uploads / incoming.name)
    finally:
        incoming.unlink(missing_ok=True)
    return NewFile(
        file_name=_as_text(file_name)[:255],
        source=stored.name,
        file_bytes=size,
        test_kind=fields.test_kind,
    )


def _replace(commands: Commands, test_id: str, new: NewFile, language: str) -> TestResult:
    service = commands.service
    with _removed_on_error(service.folders.uploads / new.source):
        commands.replace_file(test_id, new)
    with service.db.reading() as tx:
        return result_queries.get(tx, test_id, language)


def _parse(form: FormData) -> tuple[UploadFile, UploadFields]:
    file, others = _parts(form)
    return file, _validated(UploadFields, others)


def _parts(form: FormData) -> tuple[UploadFile, Mapping[str, Any]]:
    """Return the file and the other fields."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _invalid("file", "a file is missing")
    if len(form.multi_items()) != len(form):
        raise _invalid("form", "a field is there twice")
    return file, {name: value for name, value in form.items() if name != "file"}


def _validated(fields: type[Fields], values: Mapping[str, Any]) -> Fields:
    try:
        return fields.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def _store(file: UploadFile, service: Service) -> Path:
    if file.size is not None and file.size > service.settings.upload_limit_mb * MB:
        raise errors.FileTooLarge(limit_mb=service.settings.upload_limit_mb)
    path = service.folders.incoming / f"{uuid.uuid4()}{suffix_of(file.filename or '')}"
    with _removed_on_error(path), path.open("xb") as target:
        shutil.copyfileobj(file.file, target, 1024 * 1024)
    return path


def _check(incoming: Path, file_name: str, test_kind: str, service: Service) -> None:
    keys = [kind.key for kind in offered_kinds(service.pipeline, service.settings.kinds_dir)]
    is_known = not keys or test_kind in keys
    if is_known and incoming.stat().st_size == 0:
        raise errors.EmptyFile()
    try:
        check_file(service.pipeline, incoming, test_kind, service.settings.kinds_dir)
    except errors.UnusableHandover:
        raise  # not the file's fault
    except PipelineError as error:
        if not is_known and error.code != BrokenDefinition.code:
            raise errors.UnknownTestKind(test_kind=test_kind, valid_kinds=keys) from error
        if _is_workbook(incoming, file_name):
            raise errors.ExcelWorkbook() from error
        raise BadRequest(error.code, error.message, error.details) from error
    if not is_known:
        raise errors.UnknownTestKind(test_kind=test_kind, valid_kinds=keys)


def _is_workbook(path: Path, file_name: str) -> bool:
    """Whether a file that the pipeline rejected is a workbook; a company's pipeline may read them.

    Other documents have the same first bytes, so a name in the archive (xlsx) or the file's own
    name (xls) must match too.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_SIZE)
    is_old = head.startswith(_OLE) and file_name.lower().endswith(".xls")
    return is_old or (head.startswith(_ZIP) and b"xl/" in head)


def _register(
    incoming: Path,
    file_name: str,
    fields: UploadFields,
    service: Service,
    principal: Principal,
    language: str,
) -> TestResult:
    stored = incoming.replace(service.folders.uploads / incoming.name)
    name = _as_text(file_name)
    new = registration.NewTest(
        user_id=fields.user_id,
        title=fields.title or visible(name)[:200],
        test_kind=fields.test_kind,
        file_name=name[:255],
        source=stored.name,
        file_bytes=stored.stat().st_size,
    )
    with _removed_on_error(stored):
        job = Commands(service=service, principal=principal).upload(new)
    with service.db.reading() as tx:
        return result_queries.get(tx, job.test_id or "", language)


@contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    """Remove the file if the block raises."""
    with ExitStack() as on_error:
        on_error.callback(path.unlink, missing_ok=True)
        yield
        on_error.pop_all()


def _as_text(file_name: str) -> str:
    """Return the last part of an uploaded file's name, of printable characters."""
    last = canonical(file_name).replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip() or "answers"


def _invalid(field: str, problem: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": problem}])
