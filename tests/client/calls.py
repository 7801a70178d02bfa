"""What the tests of calls share."""

from collections.abc import Callable

import pytest

from etl_monitor.errors import ServiceUnavailable
from tests.support.scripted_server import Request, ScriptedServer

JOB = {"jobId": "a", "status": "running", "progress": 10}
RESULT = {"id": "t1", "userId": "u", "anpSeq": 7, "status": "processing", "activeJob": JOB}


def only(server: ScriptedServer, path: str) -> Request:
    (request,) = server.seen(path)
    return request


def unavailable(call: Callable[[], object]) -> ServiceUnavailable:
    with pytest.raises(ServiceUnavailable) as raised:
        call()
    return raised.value
