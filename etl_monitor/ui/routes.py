"""The portal's routes that send files, for `st.App(routes=…)` beside those of `portal.routes`."""

from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from etl_monitor.portal.routes import served
from etl_monitor.ui.activity.export import activity_file
from etl_monitor.ui.downloads.reply import send_file
from etl_monitor.ui.result.export import rejected_file, scores_file

FileEndpoint = Callable[..., Coroutine[Any, Any, Response]]


async def _scores(request: Request, file_format: str) -> Response:
    test_id = request.path_params["test_id"]
    return await send_file(
        request, lambda file_request: scores_file(file_request, test_id, file_format)
    )


async def _rejected(request: Request, file_format: str) -> Response:
    test_id = request.path_params["test_id"]
    return await send_file(
        request, lambda file_request: rejected_file(file_request, test_id, file_format)
    )


async def _activity(request: Request, file_format: str) -> Response:
    filters = request.query_params
    return await send_file(
        request, lambda file_request: activity_file(file_request, filters, file_format)
    )


_FILES: Mapping[str, tuple[FileEndpoint, tuple[str, ...]]] = {
    "/scores/{test_id:path}": (_scores, ("csv", "parquet", "xlsx")),
    "/rejected/{test_id:path}": (_rejected, ("csv", "xlsx")),
    "/activity": (_activity, ("csv", "xlsx")),
}
ROUTES = [
    route
    for path, (send, formats) in _FILES.items()
    for name in formats
    for route in served(f"{path}.{name}", partial(send, file_format=name))
]
