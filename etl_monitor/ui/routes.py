"""The portal's routes that send files, for `st.App(routes=…)` beside those of `portal.routes`."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from etl_monitor.ui.activity.export import activity_file
from etl_monitor.ui.downloads.reply import send_file
from etl_monitor.ui.result.export import rejected_file, scores_file


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


ROUTES = [
    *(
        Route(f"/scores/{{test_id:path}}.{name}", partial(_scores, file_format=name))
        for name in ("csv", "parquet", "xlsx")
    ),
    *(
        Route(f"/rejected/{{test_id:path}}.{name}", partial(_rejected, file_format=name))
        for name in ("csv", "xlsx")
    ),
    *(Route(f"/activity.{name}", partial(_activity, file_format=name)) for name in ("csv", "xlsx")),
]
