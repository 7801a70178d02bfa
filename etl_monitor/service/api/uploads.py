"""The upload of an answer file: store it, check it, then create the test with its first job.

Until the test exists the file is among the incoming files under a generated name. The name that it
was uploaded with is stored as text; only its suffix is ever part of a path.
"""

import errno
import shutil
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile

from etl_monitor.errors import ApiError, BadRequest, PipelineError
from etl_monitor.pipeline.errors import BrokenDefinition
from etl_monitor.plain_text import visible
from etl_monitor.service import errors
from etl_monitor.service.access.activity_log import Action, record_rejection
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api.upload_form import (
    MB,
    ReplacementFields,
    UploadFields,
    parse_parts,
    parse_upload,
    plain_file_name,
    read_form,
    title_of,
    validate_fields,
)
from etl_monitor.service.border.kinds import check_file, offered_kinds
from etl_monitor.service.commands import Commands
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.results import registration
from etl_monitor.service.results.registration import NewFile
from etl_monitor.service.service import Service
from etl_monitor.service.storage.data_dir import suffix_of
from etl_monitor.service.storage.file_storage import UPLOADS
from etl_monitor.wire.result import TestResult

_HEAD_SIZE = 64 * 1024  # bytes that are read to recognise a workbook
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"  # the first bytes of xlsx and xls, and of others


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
            form = await read_form(request, service)
            action.title = title_of(form)
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
            form = await read_form(request, service)
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


def _create(form: FormData, service: Service, principal: Principal, language: str) -> TestResult:
    file, fields = parse_upload(form)
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
    file, others = parse_parts(form)
    fields = validate_fields(ReplacementFields, others)
    incoming, file_name = _store(file, service), file.filename or ""
    try:
        _check(incoming, file_name, fields.test_kind or test.test_kind, service)
        size = incoming.stat().st_size
        service.folders.storage.put(incoming, f"{UPLOADS}/{incoming.name}")
    finally:
        incoming.unlink(missing_ok=True)
    return NewFile(
        file_name=plain_file_name(file_name)[:255],
        source=incoming.name,
        file_bytes=size,
        test_kind=fields.test_kind,
    )


def _replace(commands: Commands, test_id: str, new: NewFile, language: str) -> TestResult:
    service = commands.service
    with _unstored_on_error(service, new.source):
        commands.replace_file(test_id, new)
    with service.db.reading() as tx:
        return result_queries.get(tx, test_id, language)


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
    size, name = incoming.stat().st_size, plain_file_name(file_name)
    service.folders.storage.put(incoming, f"{UPLOADS}/{incoming.name}")
    new = registration.NewTest(
        user_id=fields.user_id,
        title=fields.title or visible(name)[:200],
        test_kind=fields.test_kind,
        file_name=name[:255],
        source=incoming.name,
        file_bytes=size,
    )
    with _unstored_on_error(service, new.source):
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


@contextmanager
def _unstored_on_error(service: Service, source: str) -> Iterator[None]:
    """Remove the stored answer file if the block raises."""
    with ExitStack() as on_error:
        on_error.callback(service.folders.storage.remove, f"{UPLOADS}/{source}")
        yield
        on_error.pop_all()
