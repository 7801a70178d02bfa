"""An answer file on its way in: to the disk, looked at, and only then a test with a job.

Until then it lies among the incoming files under a name of ours. The name that the person gave it
is kept as text and is never part of a path, but for its ending.
"""

import errno
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from etl_monitor.errors import ApiError, BadRequest, PipelineError
from etl_monitor.service import errors
from etl_monitor.service.access.activity_log import Action, refuse
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api.body_limits import at_most, drained
from etl_monitor.service.api.dependencies import NO_NUL, Body, Name, TestKindName
from etl_monitor.service.commands import Commands
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results import registration
from etl_monitor.service.service import Service
from etl_monitor.service.storage.data_dir import suffix_of
from etl_monitor.wire.result import TestResult

MB = 1_000_000
_ROOM_FOR_FIELDS = 64 * 1024  # bytes that a form may hold beside the file
_LONGEST_FIELD = 8 * 1024
_HEAD = 64 * 1024
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # how an xlsx and an xls begin, and others

Title = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=0, max_length=200, pattern=NO_NUL)
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


class UploadFields(Body):
    """What a form says beside the file. Without a title the file's name is the title."""

    test_kind: TestKindName
    user_id: Name
    title: Title = ""


async def receive(request: Request, service: Service, who: Principal, language: str) -> TestResult:
    """Raises Refused, or PipelineError where a test kind's definition was broken since the start;
    then nothing of the file is left."""
    action = Action(action="upload")
    try:
        with _refused_where_full():
            form = await _read_form(request, service)
            action.title = _told_title(form)
            try:
                return await run_in_threadpool(_accept, form, service, who, language)
            finally:
                await form.close()
    except (ApiError, PipelineError) as refused:
        await run_in_threadpool(refuse, service.db, who, action, refused)
        raise


@contextmanager
def _refused_where_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise errors.DiskFull() from error
        raise


async def _read_form(request: Request, service: Service) -> FormData:
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise errors.MalformedRequest(reason="an answer file is sent as multipart/form-data")
    limit_mb = service.settings.upload_limit_mb
    limit = limit_mb * MB + _ROOM_FOR_FIELDS
    # While it is looked at a file is there twice.
    if not service.folders.has_space(2 * min(limit, _announced(request))):
        await drained(request.stream())
        raise errors.DiskFull()
    chunks = request.stream()
    body = at_most(limit, chunks, errors.FileTooLarge(limit_mb=limit_mb))
    parser = MultiPartParser(
        request.headers, body, max_files=1, max_fields=10, max_part_size=_LONGEST_FIELD
    )
    try:
        return await parser.parse()
    except (MultiPartException, LookupError, UnicodeError) as error:
        raise errors.MalformedRequest(reason=_in_words(str(error))) from None
    except OSError:
        await drained(chunks)
        raise


def _in_words(problem: str) -> str:
    if problem.startswith("Too many files"):
        return "more than one file; send each answer file in a request of its own"
    return problem


def _announced(request: Request) -> int:
    """Bytes; 0 where the request does not say."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isdecimal() else 0


def _told_title(form: FormData) -> str | None:
    """For the activity log, before anything is checked."""
    title = form.get("title")
    return _as_text(title)[:200] if isinstance(title, str) and title.strip() else None


def _accept(form: FormData, service: Service, who: Principal, language: str) -> TestResult:
    file, fields = _parsed(form)
    incoming = _stored(file, service)
    try:
        _check(incoming, file.filename or "", fields, service)
        return _added(incoming, file.filename or "", fields, service, who, language)
    finally:
        incoming.unlink(missing_ok=True)


def _parsed(form: FormData) -> tuple[UploadFile, UploadFields]:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _invalid("file", "a file is missing")
    if len(form.multi_items()) != len(form):
        raise _invalid("form", "a field is there twice")
    rest = {name: value for name, value in form.items() if name != "file"}
    try:
        return file, UploadFields.model_validate(rest)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def _stored(file: UploadFile, service: Service) -> Path:
    if file.size is not None and file.size > service.settings.upload_limit_mb * MB:
        raise errors.FileTooLarge(limit_mb=service.settings.upload_limit_mb)
    path = service.folders.incoming / f"{uuid.uuid4()}{suffix_of(file.filename or '')}"
    with _kept_if_well(path), path.open("xb") as stored:
        shutil.copyfileobj(file.file, stored, 1024 * 1024)
    return path


def _check(incoming: Path, file_name: str, fields: UploadFields, service: Service) -> None:
    kinds_dir = service.settings.kinds_dir
    known = [kind.key for kind in service.pipeline.kinds(kinds_dir)]
    if known and fields.test_kind not in known:
        raise errors.UnknownTestKind(test_kind=fields.test_kind, known=known)
    if incoming.stat().st_size == 0:
        raise errors.EmptyFile()
    try:
        service.pipeline.check(incoming, fields.test_kind, kinds_dir)
    except PipelineError as error:
        if _is_workbook(incoming, file_name):
            raise errors.ExcelWorkbook() from error
        raise BadRequest(error.code, error.message, error.details) from error


def _is_workbook(path: Path, file_name: str) -> bool:
    """Asked only where the pipeline does not take it: a company's own may read workbooks. Other
    documents begin alike, so a part's name inside (xlsx), or the file's own (xls) has to agree."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    is_old = head.startswith(_OLE) and file_name.lower().endswith(".xls")
    return is_old or (head.startswith(_ZIP) and b"xl/" in head)


def _added(
    incoming: Path,
    file_name: str,
    fields: UploadFields,
    service: Service,
    who: Principal,
    language: str,
) -> TestResult:
    kept = incoming.replace(service.folders.uploads / incoming.name)
    name = _as_text(file_name)
    new = registration.NewTest(
        user_id=fields.user_id,
        title=fields.title or name[:200],
        test_kind=fields.test_kind,
        file_name=name[:255],
        source=kept.name,
    )
    with _kept_if_well(kept):
        job = Commands(service=service, who=who).upload(new)
    with service.db.reading() as tx:
        return result_queries.get(tx, job.test_id or "", language)


@contextmanager
def _kept_if_well(path: Path) -> Iterator[None]:
    """Whatever ends this early, the file goes."""
    with ExitStack() as otherwise:
        otherwise.callback(path.unlink, missing_ok=True)
        yield
        otherwise.pop_all()


def _as_text(file_name: str) -> str:
    """A person's file name, to be shown: its last part, of characters that can be shown."""
    last = file_name.replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip() or "answers"


def _invalid(field: str, problem: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": problem}])
