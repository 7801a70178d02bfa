"""Entries in the activity log for requests that are rejected before they are carried out.

Each entry is short, whatever was sent.
"""

from collections.abc import Mapping
from dataclasses import replace
from json import JSONDecodeError
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from etl_monitor.errors import ApiError
from etl_monitor.service.access.activity_log import Action, record_rejection
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api.body_limits import drain
from etl_monitor.service.api.dependencies import get_service
from etl_monitor.wire.roles import Right

_MAX_ID_LENGTH = 200  # characters
_MAX_REASON_LENGTH = 2000


async def record(
    request: Request, principal: Principal, action: Action, right: Right, error: ApiError
) -> None:
    """Reading is not an action, so a rejected read has no entry."""
    if right is Right.SEE:
        return
    job_id, test_id = _path_id(request, "jobId"), _path_id(request, "testId")
    error.details.pop("problems", None)  # the list of an invalid request
    action = replace(action, job_id=job_id, test_id=test_id)
    await run_in_threadpool(record_rejection, get_service(request).db, principal, action, error)


async def read_action(request: Request, right: Right) -> Action:
    """Return the action of a request whose body has not been read or validated."""
    body = await _body(request, right)
    return Action(action=_bulk_action(body) or right.value, reason=_text(body.get("reason")))


async def _body(request: Request, right: Right) -> Mapping[str, Any]:
    """A file is drained: many clients read the reply only after they have sent everything."""
    if right is Right.UPLOAD:
        await drain(request.stream())
    if right in (Right.UPLOAD, Right.SEE):
        return {}
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, HTTPException):
        return {}
    return body if isinstance(body, dict) else {}


def _bulk_action(body: Mapping[str, Any]) -> str | None:
    action = body.get("action")
    return action if action in (Right.CANCEL, Right.RETRY) else None


def _path_id(request: Request, name: str) -> str | None:
    value = request.path_params.get(name)
    return None if value is None else str(value)[:_MAX_ID_LENGTH].replace("\0", "")


def _text(value: Any) -> str | None:
    return value[:_MAX_REASON_LENGTH].replace("\0", "") if isinstance(value, str) else None
