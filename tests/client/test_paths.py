"""The paths of calls: ids are quoted in requests, and left out of metrics and logs."""

import re

import pytest
from fastapi.routing import APIRoute

from etl_monitor.client.paths import call_name, url_path
from etl_monitor.service.api import activity, history, jobs, results

CALLS = [
    route.path
    for noun in (activity, history, jobs, results)
    for route in noun.router.routes
    if isinstance(route, APIRoute)
]


@pytest.mark.parametrize("path", [*CALLS, "/me", "/system"])
def test_the_name_of_a_call_has_no_id_and_all_other_words(path: str) -> None:
    assert call_name(re.sub(r"{.*?}", "3f4542be", path)) == re.sub(r"{.*?}", "{id}", path)


@pytest.mark.parametrize("part", ["..", ".", "a/b", "50%", "한글 🙂", "?x#y"])
def test_an_id_of_any_text_stays_one_part(part: str) -> None:
    path = url_path(part)
    assert path.count("/") == 1
    assert not set("?#") & set(path)
    assert path not in ("/.", "/..")
