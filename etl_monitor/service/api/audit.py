"""Requests that were refused before anybody acted on them, in the activity log: who, what, why.

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
from etl_monitor.service.access.activity_log import Action, refuse
from etl_monitor.service.access.principal import Principal
from etl_monitor.service.api.body_limits import drained
from etl_monitor.service.api.dependencies import the_service
from etl_monitor.wire.roles import Right

_LONGEST_ID = 200  # characters
_LONGEST_REASON = 2000


async def write_down(
    request: Request, who: Principal, action: Action, right: Right, refused: ApiError
) -> None:
    """Looking is no action, so a refused look is no refused action."""
    if right is Right.SEE:
        return
    named = replace(action, job_id=_id(request, "jobId"), test_id=_id(request, "testId"))
    await run_in_threadpool(refuse, the_service(request).db, who, named, refused)


async def asked_for(request: Request, right: Right) -> Action:
    """As far as it can be told of a request that nobody has read yet."""
    body = await _body(request, right)
    return Action(action=_bulk_action(body) or right.value, reason=_text(body.get("reason")))


async def _body(request: Request, right: Right) -> Mapping[str, Any]:
    """A file is let pass unread: many clients look at the reply only when they have sent
    everything. Of a look nothing is written down."""
    if right is Right.UPLOAD:
        await drained(request.stream())
    if right in (Right.UPLOAD, Right.SEE):
        return {}
    try:
        body = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError, HTTPException):
        return {}
    return body if isinstance(body, dict) else {}


def _bulk_action(body: Mapping[str, Any]) -> str | None:
    told = body.get("action")
    return told if told in (Right.CANCEL, Right.RETRY) else None


def _id(request: Request, name: str) -> str | None:
    told = request.path_params.get(name)
    return None if told is None else str(told)[:_LONGEST_ID].replace("\0", "")


def _text(value: Any) -> str | None:
    return value[:_LONGEST_REASON].replace("\0", "") if isinstance(value, str) else None
