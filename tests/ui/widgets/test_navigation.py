"""Going to an address from a page's run."""

import json

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import UnknownElement

from tests.support.app_page import rerun

ADDRESSES = ["auth/login?provider=e30.a__b", "result?id=manual__1&lang=en", "monitor?job=_"]


def page(address: str, is_page: bool) -> None:
    from etl_monitor.ui.widgets.navigation import leave_for, navigate

    (navigate if is_page else leave_for)(address)


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("is_page", [True, False])
def test_any_address_reaches_the_browser(address: str, is_page: bool) -> None:
    """Streamlit refuses two underscores in a component's key. One in a hundred tokens of the
    sign-in has them: a click on *Sign in* then led nowhere."""
    app = AppTest.from_function(page, kwargs={"address": address, "is_page": is_page})
    (element,) = rerun(app).get("bidi_component")
    assert isinstance(element, UnknownElement)
    assert json.loads(element.proto.json) == {"address": address, "isPage": is_page}
