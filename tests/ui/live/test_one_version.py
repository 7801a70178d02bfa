"""All views of a page show one version of the store, also while updates arrive."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import etl_monitor as em
from etl_monitor.portal import push
from tests.support import factories
from tests.support.app_page import frames, news, rerun, run
from tests.support.followed_server import followed_server
from tests.support.job_events import partial


def page_during_updates() -> None:
    import etl_monitor as em
    from etl_monitor.ui.session import state as session
    from tests.ui.live.test_one_version import JOB, apply_update

    job = em.use_etl_monitoring().snapshot().jobs[JOB]
    em.job_status(job)
    apply_update()
    em.progress_monitor()
    apply_update()
    em.job_status(job, compact=False)
    apply_update()
    session.notify(str(session.render_context().snapshot.jobs[JOB].progress))


def page_that_is_named_during_its_run() -> None:
    import etl_monitor as em
    from etl_monitor.ui.live.bus import begin_run
    from tests.ui.live.test_one_version import NAMES

    begin_run()
    NAMES[:] = ["monitor"]  # as st.navigation does, after the frame has rendered
    em.progress_monitor()


NAMES = ["the app"]
JOB = factories.JOB


def apply_update() -> None:
    """Add one percent of progress in another thread, as the follower does."""
    store = em.use_etl_monitoring().store
    progress = store.snapshot().jobs[JOB].progress + 1
    thread = threading.Thread(target=store.apply, args=(partial(JOB, progress=progress), ""))
    thread.start()
    thread.join()


@pytest.fixture(autouse=True)
def _server() -> Iterator[None]:
    with followed_server(factories.running(progress=10)):
        yield


def shown(app: AppTest) -> set[int]:
    """Return every progress of the job that the page shows."""
    return {row["progress"] for frame in frames(app) for row in rows(frame["data"])}


def rows(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [data["job"]] if "job" in data else list(data.get("running", []))


def test_a_page_shows_one_version_however_long_it_renders() -> None:
    app = run(page_during_updates)
    assert len([frame for frame in frames(app) if rows(frame["data"])]) == 3
    assert shown(app) == {10}
    assert len({frame["version"] for frame in frames(app)}) == 1
    assert em.use_etl_monitoring().snapshot().jobs[JOB].progress == 13


def test_the_next_run_shows_the_updates_since() -> None:
    app = run(page_during_updates)
    rerun(app)
    assert shown(app) == {13}


def test_a_run_updates_the_old_views_before_it_mounts_the_first() -> None:
    app = run(page_during_updates)
    (first,) = news(app)
    assert first["updates"] == {}
    (partial,) = news(rerun(app))
    payloads = [news["whole"] for news in partial["updates"].values()]
    assert {row["progress"] for data in payloads for row in rows(data)} == {13}
    assert set(partial["updates"]) == {frame["mount"] for frame in frames(app)}
    assert partial["run"] < min(frame["run"] for frame in frames(app))


def test_a_session_whose_first_run_has_no_page_yet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(push, "current_page", lambda: NAMES[0])
    (partial,) = news(rerun(run(page_that_is_named_during_its_run)))
    assert set(partial["updates"]) == {"etl-badge", "etl-monitor"}
