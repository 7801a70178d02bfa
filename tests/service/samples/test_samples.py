"""Sample data: given once to a new data directory, with the real pipeline."""

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
def test_when(db: Database, before: SampleState | None, setting: bool | None, seeds: bool) -> None:
    with db.writing() as tx:
        if before is not None:
            sample_state.set_state(tx, before)
        assert sample_state.begin_seeding(tx, setting) is seeds
        left = before or SampleState.UNWANTED
        assert sample_state.state(tx) is (SampleState.SEEDING if seeds else left)


def test_not_beside_what_a_person_sent_in(db: Database) -> None:
    with db.writing() as tx:
        add_test(tx)
        assert sample_state.begin_seeding(tx, None) is False


def test_begun_without_it_stays_so(db: Database) -> None:
    """Until they are asked for."""
    with db.writing() as tx:
        assert [sample_state.begin_seeding(tx, asked) for asked in (False, None, True)] == [
            False,
            False,
            True,
        ]


def _all_there(service: RunningService) -> Any:
    tests = service.data("GET", "/tests/results")
    assert len(tests) == len(SAMPLES)
    return tests


def test_seeded_once_removed_in_one_action_and_kept_away(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running_service(data_dir, samples=True) as service:
        tests = eventually(lambda: _all_there(service), within=60)
        assert all(test["isSample"] for test in tests)
        assert {test["lastJob"]["requestedBy"] for test in tests} == {"system"}
        active = service.data("GET", "/etl/jobs/active")
        removed = service.data("DELETE", "/samples")
        assert removed["removed"] == len(SAMPLES)
        assert active, "some were still being processed"
        assert service.data("GET", "/tests/results") == []
        assert service.data("GET", "/etl/jobs") == []
    with running_service(data_dir) as service:
        assert service.data("GET", "/tests/results") == []
        assert [*(data_dir / "uploads").iterdir(), *(data_dir / "results").iterdir()] == []
