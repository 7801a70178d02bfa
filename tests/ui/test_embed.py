"""`em.job_status` and `em.progress_monitor` on another app's page: what they load, where they may
stand, and what they leave alone."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from etl_monitor.ui.live.connection_badge import BadgeView
from etl_monitor.ui.widgets import scripts
from tests.support import factories
from tests.support.app_page import frames, news
from tests.support.followed_server import followed_server
from tests.support.nested_page import BLOCKS, PARTS
from tests.support.portal_process import ROOT
from tests.support.scripted_server import ScriptedServer

_PRINT_MODULES = "import sys, etl_monitor.ui.embed; print(*sorted(sys.modules), sep='\\n')"
_ROOMS = {"jobs", "live", "session", "widgets"}
_MAX_MODULES = 53

# What only the service, its pipeline, the sign-in or the portal's own pages need.
NOT_NEEDED = (
    *("sqlalchemy", "alembic", "fastapi", "xlsxwriter", "psutil", "authlib", "httpx", "filelock"),
    *("etl_monitor.service", "etl_monitor.pipeline"),
)
DRAW_EXAMPLE = """
import sys
sys.modules.update(dict.fromkeys({blocked!r}))
from streamlit.testing.v1 import AppTest
import etl_monitor as em
assert em.use_etl_monitoring().wait_until(lambda seen: seen.connection.is_live, 30)
app = AppTest.from_file({example!r}, default_timeout=60).run()
print(len(app.get("bidi_component")), *(error.message for error in app.exception))
"""

LEAVES = st.sampled_from(sorted(PARTS))


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(st.sampled_from(sorted(BLOCKS)), st.lists(inner, max_size=3))


PAGES = st.lists(st.recursive(LEAVES, nested, max_leaves=6), min_size=1, max_size=4)


def their_page(tree: list[object]) -> None:
    """A page of another app: nested blocks with our parts in them, and an input of its own."""
    import streamlit as st

    from tests.support.nested_page import draw

    st.text_input("Their own", "theirs", key="q")
    for node in tree:
        draw(node)
    st.text(f"end of page, {st.session_state['q']}")


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with followed_server(factories.running()) as server:
        yield server


def leaves(tree: Any) -> Counter[str]:
    if isinstance(tree, str):
        return Counter([tree])
    children = tree if isinstance(tree, list) else tree[1]
    return sum(map(leaves, children), Counter())


def loaded_modules() -> list[str]:
    command = [sys.executable, "-c", _PRINT_MODULES]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [name for name in names if name.startswith("etl_monitor.ui.")]


def test_embedding_a_job_loads_no_other_pages() -> None:
    modules = loaded_modules()
    rooms = {name.split(".")[2] for name in modules}
    assert rooms - {"embed"} == _ROOMS
    assert len(modules) <= _MAX_MODULES, modules


def test_the_example_draws_without_the_packages_of_the_service(server: ScriptedServer) -> None:
    code = DRAW_EXAMPLE.format(blocked=NOT_NEEDED, example=str(ROOT / "examples" / "embed.py"))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PATH": "", "ETL_MONITOR_API_URL": server.address},
    )
    assert done.stdout == "4\n", done.stderr  # the bus, a job, the badge, the monitor


@given(PAGES)
@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])
def test_parts_stand_anywhere_on_a_page_any_number_of_times(
    server: ScriptedServer, tree: list[Any]
) -> None:
    app = AppTest.from_function(their_page, default_timeout=60, kwargs={"tree": tree})
    app.query_params["lang"] = "en"
    keys = []
    for _ in range(2):
        app.run()
        assert not app.exception, (tree, app.exception)
        keys.append([frame["mount"] for frame in frames(app)])
        assert app.text[-1].value == "end of page, theirs"
    expected = leaves(tree)
    assert len(keys[0]) == expected.total() + expected["monitor"]  # each with its badge
    assert len(set(keys[0])) == len(keys[0])
    assert keys[1] == keys[0]
    assert len(news(app)) >= bool(expected)


def test_the_title_and_the_keyboard_stay_the_pages(server: ScriptedServer) -> None:
    def page() -> None:
        import etl_monitor as em

        em.progress_monitor()
        em.progress_monitor(key="ours", shortcuts=True, title=True)

    app = AppTest.from_function(page, default_timeout=60).run()
    payloads = {frame["mount"]: frame["data"] for frame in frames(app)}
    assert payloads["etl-badge"]["titleCounts"] is None
    assert payloads["etl-badge-2"]["titleCounts"] == "1 running"
    assert payloads["etl-monitor"]["searchKey"] is None
    assert payloads["ours"]["searchKey"] == "ours-q"
    assert BadgeView().in_title is False


def test_two_monitors_have_choices_of_their_own(server: ScriptedServer) -> None:
    def page() -> None:
        import etl_monitor as em

        em.progress_monitor()
        em.progress_monitor(key="left")

    app = AppTest.from_function(page, default_timeout=60)
    app.query_params["left-status"] = "failed"
    app.run()
    chips = {frame["mount"]: frame["data"].get("chips", []) for frame in frames(app)}
    chosen = {key: [c["status"] for c in all_ if c["isChosen"]] for key, all_ in chips.items()}
    assert (chosen["etl-monitor"], chosen["left"]) == ([], ["failed"])


def test_ids_and_keys_may_be_any_text(server: ScriptedServer) -> None:
    """Airflow names its runs `manual__2026-11-27T…`; Streamlit refuses two underscores in a key."""

    def page() -> None:
        import etl_monitor as em

        for name in ("manual__2026-11-27T10:00:00", "../x", "작업 1", "x_", '"<b>\0', 7):
            em.job_status(str(name))
            em.job_status(None, key=name)  # type: ignore[arg-type]
        em.job_status({"jobId": None}, key="left__right")
        em.progress_monitor(key="left__right")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception, app.exception
    assert len(frames(app)) == 15
    assert {"left-right", "left-right-2"} <= {frame["mount"] for frame in frames(app)}


@pytest.mark.parametrize("name", ["shared.css", "etl-monitor.css", "table.css", "report.css"])
def test_no_style_reaches_beyond_our_elements(name: str) -> None:
    css = re.sub(r"/\*.*?\*/", "", scripts.style(name), flags=re.DOTALL)
    selectors = [match.strip() for match in re.findall(r"(?<=[{};\n])([^{};@]+)(?=\{)", "\n" + css)]
    assert len(selectors) > 5
    assert [
        selector
        for selector in selectors
        if "etl-" not in selector and selector not in ("from", "to")
    ] == []
