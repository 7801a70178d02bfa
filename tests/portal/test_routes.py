"""The portal's own routes."""

import pytest

from etl_monitor.portal.routes import ROUTES


@pytest.mark.parametrize("path", ["/healthz", "/metrics"])
def test_head_is_answered_as_get(path: str) -> None:
    (route,) = (route for route in ROUTES if route.path == path)
    assert {"GET", "HEAD"} <= (route.methods or set())
