"""Sample data: seeded once into a new data directory, with the real pipeline."""

from pathlib import Path
from typing import Any

import pytest

from etl_monitor.pipeline.samples.files import SAMPLES
from etl_monitor.service.samples import state as sample_state
from etl_monitor.service.samples.state import SampleState
from etl_monitor.service.storage.database import Database
from tests.support.eventually import eventually
from tests.support.records import add_test
from tests.support.service_process import RunningService, running_service

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("before", "setting", "seeds"),
    [
        (None, None, True),
        (None, False, False),
        (None, True, True),
        (SampleState.SEEDING, None, True),
        (SampleState.SEEDING, False, False),
        (SampleState.SEEDED, None, False),
        (SampleState.REMOVED, None, False),
        (SampleState.REMOVED, True, True),
    ],
)
def test_the_setting_and_the_state_decide_about_seeding(
    db: Database, before: SampleState | None, setting: bool | None, seeds: bool
) -> None:
    with db.writing() as tx:
        if before is not None:
            sample_state.set_state(tx, before)
        assert sample_state.begin_seeding(tx, setting) is seeds
        unchanged = before or SampleState.UNWANTED
        assert sample_state.state(tx) is (SampleState.SEEDING if seeds else unchanged)


def test_a_database_with_uploads_gets_no_samples(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
        assert sample_state.begin_seeding(tx, None) is False


def test_a_service_started_without_samples_gets_none_later(db: Database) -> None:
    """Unless the setting asks for them."""
    with db.writing() as tx:
        assert [sample_state.begin_seeding(tx, setting) for setting in (False, None, True)] == [
            False,
            False,
            True,
        ]


def _all_there(service: RunningService) -> Any:
    tests = service.data("GET", "/tests/results")
    assert len(tests) == len(SAMPLES)
    return tests


def test_samples_are_seeded_once_and_do_not_return_after_removal(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    at_once = {"ETL_MONITOR_SAMPLES_MINUTES": "0"}
    with running_service(data_dir, samples=True, env=at_once) as service:
        tests = eventually(lambda: _all_there(service), within=180)
        assert all(test["isSample"] for test in tests)
        assert {test["lastJob"]["requestedBy"] for test in tests} == {"system"}
        active = service.data("GET", "/etl/jobs/active")
        removed = service.data("DELETE", "/samples")
        assert removed["removed"] == len(SAMPLES)
        assert active, "some jobs were still active"
        assert service.data("GET", "/tests/results") == []
        assert service.data("GET", "/etl/jobs") == []
    with running_service(data_dir) as service:
        assert service.data("GET", "/tests/results") == []
        assert [*(data_dir / "uploads").iterdir(), *(data_dir / "results").iterdir()] == []
