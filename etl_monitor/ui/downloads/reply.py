"""Send one file: who asks, the file's head, its pieces, and an error that gives the reason."""

import logging
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Send

from etl_monitor import monitoring
from etl_monitor.client import EtlClient
from etl_monitor.errors import ApiError, EtlMonitorError, ServiceUnavailable
from etl_monitor.i18n.translator import Translator
from etl_monitor.portal import request_visitor
from etl_monitor.ui.downloads.progress import Progress, progress
from etl_monitor.ui.widgets.error_messages import problem_text
from etl_monitor.wire.roles import Right

_NOT_IN_NAMES = '\\/:*?"<>|'
_MAX_NAME = 80  # characters
_AT_ONCE = 4  # files that are made at the same time; more wait

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Download:
    """`pieces` are made while they are read: nothing is asked of the service before."""

    name: str
    mime: str
    pieces: Generator[bytes]


@dataclass(frozen=True, kw_only=True)
class FileRequest:
    """A request for a file: the client of the person who asks, and the texts in their language."""

    client: EtlClient
    t: Translator
    progress: Progress


async def send_file(request: Request, make: Callable[[FileRequest], Download]) -> Response:
    """Reply with the file of `make`, which may take its time and raise EtlMonitorError."""
    t = request_visitor.translator_for(request)
    shown = progress(request.query_params.get("progress", ""))
    shown.update(format=None, rows=0, total=0, problem=None)
    try:
        download, first = await to_thread.run_sync(
            _begin, request, make, t, shown, limiter=_limit()
        )
    except EtlMonitorError as error:
        shown.update(format=None, problem=error)
        return _error(error, t)
    if request.method == "HEAD":
        shown.update(format=None)
        return Response(media_type=download.mime, headers=_headers(download))
    return StreamedFile(download, first, shown)


def attachment(name: str) -> str:
    """Return the value of `Content-Disposition` for a file name in any script (RFC 6266, RFC 8187),
    with a name in ASCII for old programs."""
    stem, _, suffix = name.rpartition(".")
    plain = "".join(sign for sign in stem if sign.isascii()).strip(" ._-")
    return (
        f'attachment; filename="{plain or "download"}.{suffix}";'
        f" filename*=UTF-8''{quote(name, safe='')}"
    )


def file_stem(title: str, otherwise: str = "scores") -> str:
    """Return `title` as a file name that every operating system accepts."""
    allowed = (sign for sign in title if sign.isprintable() and sign not in _NOT_IN_NAMES)
    return "".join(allowed).strip(" .")[:_MAX_NAME].strip(" .") or otherwise


def _begin(
    request: Request, make: Callable[[FileRequest], Download], t: Translator, shown: Progress
) -> tuple[Download, bytes]:
    """Make the file up to its first piece: what fails until then has a status of its own."""
    current = monitoring.current()
    if current is None:
        raise ServiceUnavailable("unreachable", "The portal follows no service.")
    client = request_visitor.client_for(request, Right.SEE, current).with_language(t.language)
    download = make(FileRequest(client=client, t=t, progress=shown))
    return download, b"" if request.method == "HEAD" else next(download.pieces, b"")


@cache
def _limit() -> CapacityLimiter:
    return CapacityLimiter(_AT_ONCE)


class StreamedFile(StreamingResponse):
    """Ends without its last chunk if a piece cannot be made, so that browsers discard the file."""

    def __init__(self, download: Download, first: bytes, shown: Progress) -> None:
        pieces = chain([first], download.pieces)
        super().__init__(pieces, media_type=download.mime, headers=_headers(download))
        self._download, self._shown = download, shown

    async def stream_response(self, send: Send) -> None:
        problem: EtlMonitorError | None = None
        try:
            await super().stream_response(send)
        except EtlMonitorError as error:
            problem = error
            _log.warning("download_interrupted", extra={"code": error.code})
        finally:
            self._shown.update(format=None, problem=problem)
            self._download.pieces.close()


def _headers(download: Download) -> dict[str, str]:
    return {
        "Content-Disposition": attachment(download.name),
        "Content-Encoding": "identity",  # Streamlit would compress it on the event loop
        "Cache-Control": "no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _error(error: EtlMonitorError, t: Translator) -> PlainTextResponse:
    otherwise = 503 if isinstance(error, ServiceUnavailable) else 422
    status = error.status if isinstance(error, ApiError) else otherwise
    text = t("download-failed", why=problem_text(error, t))
    return PlainTextResponse(text + "\n", status_code=status, headers={"Cache-Control": "no-store"})
