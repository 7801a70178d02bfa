"""Whether there is to be sample data: given once to a new data directory, and not again once it
was removed."""

from enum import StrEnum

from sqlalchemy import Connection, delete, exists, insert, select

from etl_monitor.service.storage.tables import meta, tests

_KEY = "samples"


class SampleState(StrEnum):
    SEEDING = "seeding"  # goes on after a restart
    SEEDED = "seeded"
    REMOVED = "removed"
    UNWANTED = "unwanted"  # it was told to begin without, or it is older than this mark


def state(tx: Connection) -> SampleState | None:
    """None: this database is new."""
    stored = tx.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar_one_or_none()
    return None if stored is None else SampleState(stored)


def set_state(tx: Connection, new: SampleState) -> None:
    tx.execute(delete(meta).where(meta.c.key == _KEY))
    tx.execute(insert(meta).values(key=_KEY, value=new))


def begin(tx: Connection, setting: bool | None) -> bool:
    """Whether to seed now. `setting`: yes, no, or None for only where everything is new."""
    wanted = _is_new(tx) or state(tx) is SampleState.SEEDING if setting is None else setting
    if wanted:
        set_state(tx, SampleState.SEEDING)
    elif state(tx) is None:
        set_state(tx, SampleState.UNWANTED)
    return wanted


def _is_new(tx: Connection) -> bool:
    has_tests = tx.execute(select(exists().where(tests.c.test_id.is_not(None)))).scalar_one()
    return state(tx) is None and not has_tests
