"""Copying files to another storage: again after an interruption, never over another service's."""

from pathlib import Path

import pytest

from etl_monitor.service import storage_errors
from etl_monitor.service.events import event_log
from etl_monitor.service.events.database_mark import check_shared, record_mark
from etl_monitor.service.operations.copy_files import copy_files
from etl_monitor.service.operations.database_mark import check_database
from etl_monitor.service.results import queries as result_queries
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import open_database
from tests.support.records import add_test


@pytest.fixture
def shared(tmp_path: Path) -> str:
    (tmp_path / "shared").mkdir()
    return f"file://{tmp_path}/shared"


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """A data directory with two tests that wait."""
    folders = Folders(root=tmp_path / "data")
    folders.prepare()
    with open_database(folders, upgrade=True) as db:
        with db.writing() as tx:
            event_log.prepare(tx)
        for number in (1, 2):
            _add(db, folders, f"answers {number}".encode())
        record_mark(db, folders)
    return folders


def _add(db: Database, folders: Folders, content: bytes) -> None:
    with db.writing() as tx:
        test = result_queries.test_row(tx, add_test(tx).test_id or "")
    (folders.root / "uploads" / test.source).write_bytes(content)


def _contents(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in folder.iterdir()}


def test_an_interrupted_copy_goes_on(folders: Folders, shared: str, tmp_path: Path) -> None:
    first, second = (folders.root / "uploads").iterdir()
    (tmp_path / "shared" / "uploads").mkdir()
    there = tmp_path / "shared" / "uploads" / first.name
    there.write_bytes(first.read_bytes()[::-1])  # of the same size, so that another copy would show
    assert copy_files(shared, folders) == 2
    assert there.read_bytes() == first.read_bytes()[::-1]
    assert (there.parent / second.name).read_bytes() == second.read_bytes()


def test_the_files_here_stay_and_are_no_longer_in_use(
    folders: Folders, shared: str, tmp_path: Path
) -> None:
    copy_files(shared, folders)
    assert _contents(folders.root / "uploads") == _contents(tmp_path / "shared" / "uploads")
    with pytest.raises(storage_errors.FilesMoved):
        check_database(folders)
    with (
        open_database(folders) as db,
        db.reading() as tx,
        pytest.raises(storage_errors.FilesMoved),
    ):
        check_shared(tx, folders)
    copy_files(f"file://{folders.root}", Folders(root=folders.root, storage_url=shared))
    check_database(folders)


def test_another_services_files_stay(folders: Folders, shared: str, tmp_path: Path) -> None:
    other = Folders(root=tmp_path / "other", storage_url=shared)
    other.prepare()
    with open_database(other, upgrade=True) as db:
        with db.writing() as tx:
            event_log.prepare(tx)
        record_mark(db, other)
    with pytest.raises(storage_errors.StorageUsed) as caught:
        copy_files(shared, folders)
    assert shared in caught.value.message
    assert list((tmp_path / "shared" / "uploads").iterdir()) == []
    check_database(folders)


def test_a_storage_without_the_files_is_named(folders: Folders, shared: str) -> None:
    target = Folders(root=folders.root, storage_url=shared)
    target.prepare()
    with pytest.raises(storage_errors.StorageWithoutFiles) as caught:
        check_database(target)
    assert f"names 2 answer and score files, and the storage {shared}" in caught.value.message
