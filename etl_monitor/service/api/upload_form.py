"""The form of an upload: its file and its other fields, checked, and as OpenAPI describes them."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import StringConstraints, ValidationError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from etl_monitor.plain_text import PRINTABLE, canonical
from etl_monitor.service import errors
from etl_monitor.service.api.body_limits import at_most, drain
from etl_monitor.service.api.dependencies import CANONICAL, Body, Name, TestKindName
from etl_monitor.service.service import Service

Fields = TypeVar("Fields", bound=Body)

MB = 1_000_000
_FIELDS_LIMIT = 64 * 1024  # bytes of a form without its file
_FIELD_LIMIT = 8 * 1024  # bytes of one field

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


async def read_form(request: Request, service: Service) -> FormData:
    """Return the form with its file, which is on the disk. Raises DiskFull, FileTooLarge, or
    MalformedRequest if the body is no such form."""
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


def title_of(form: FormData) -> str | None:
    """Return the title for the activity log, before anything is checked."""
    title = form.get("title")
    return plain_file_name(title)[:200] if isinstance(title, str) and title.strip() else None


def parse_upload(form: FormData) -> tuple[UploadFile, UploadFields]:
    """Return the file and the fields of an upload. Raises RequestValidationError."""
    file, others = parse_parts(form)
    return file, validate_fields(UploadFields, others)


def parse_parts(form: FormData) -> tuple[UploadFile, Mapping[str, Any]]:
    """Return the file and the other fields. Raises RequestValidationError if the file is missing or
    a field is there twice."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise _invalid("file", "a file is missing")
    if len(form.multi_items()) != len(form):
        raise _invalid("form", "a field is there twice")
    return file, {name: value for name, value in form.items() if name != "file"}


def validate_fields(fields: type[Fields], values: Mapping[str, Any]) -> Fields:
    """Return the fields as that type. Raises RequestValidationError."""
    try:
        return fields.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from None


def plain_file_name(file_name: str) -> str:
    """Return the last part of an uploaded file's name, of printable characters."""
    last = canonical(file_name).replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable()).strip() or "answers"


def _invalid(field: str, problem: str) -> RequestValidationError:
    return RequestValidationError([{"type": "value_error", "loc": ("body", field), "msg": problem}])
