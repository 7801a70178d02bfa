"""Whether a database gets sample data: once, when it is new, and not again after removal."""

from enum import StrEnum

from sqlalchemy import Connection, delete, exists, insert, select

from etl_monitor.service.storage.tables import meta, tests

_KEY = "samples"


class SampleState(StrEnum):
    SEEDING = "seeding"  # resumed after a restart
    SEEDED = "seeded"
    REMOVED = "removed"
    UNWANTED = "unwanted"  # started without samples, or made by a version that had no such state


def state(tx: Connection) -> SampleState | None:
    """Return the stored state, or None if the database is new."""
    stored = tx.execute(select(meta.c.value).where(meta.c.key == _KEY)).scalar_one_or_none()
    return None if stored is None else SampleState(stored)


def set_state(tx: Connection, new: SampleState) -> None:
    tx.execute(delete(meta).where(meta.c.key == _KEY))
    tx.execute(insert(meta).values(key=_KEY, value=new))


def begin_seeding(tx: Connection, setting: bool | None) -> bool:
    """Return whether to seed now. `setting` None means only if the database is new."""
    is_on = _is_new(tx) or state(tx) is SampleState.SEEDING if setting is None else setting
    if is_on:
        set_state(tx, SampleState.SEEDING)
    elif state(tx) is None:
        set_state(tx, SampleState.UNWANTED)
    return is_on


def _is_new(tx: Connection) -> bool:
    has_tests = tx.execute(select(exists().where(tests.c.test_id.is_not(None)))).scalar_one()
    return state(tx) is None and not has_tests
