"""A database that is damaged anywhere: one line at the start, whichever query would notice it."""

import shutil
from pathlib import Path

import pytest

from etl_monitor.errors import SettingError
from etl_monitor.service.__main__ import main
from etl_monitor.service.events import event_log
from etl_monitor.service.operations.database_mark import check_database
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.open import open_database
from tests.support.records import add_test
from tests.support.service_process import spawn_service

PAGE = 4096  # bytes of SQLite's pages


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with tests and enough events for tables of several pages."""
    folders = Folders(root=tmp_path_factory.mktemp("sound"))
    folders.prepare()
    with open_database(folders, upgrade=True) as db, db.writing() as tx:
        event_log.prepare(tx)
        for _ in range(5):
            add_test(tx)
        for number in range(100):
            event_log.append(tx, "job_progress", "x" * 200, job_id=str(number))
    return folders.database_path


@pytest.fixture
def folders(sound: Path, tmp_path: Path) -> Folders:
    folders = Folders(root=tmp_path / "data")
    folders.prepare()
    shutil.copy(sound, folders.database_path)
    return folders


def _damage(database: Path, page: int) -> None:
    with database.open("r+b") as file:
        file.seek(page * PAGE)
        file.write(b"\xff\x00damaged" * (PAGE // 9))


def test_damage_to_any_page_is_found(folders: Folders, sound: Path) -> None:
    check_database(folders)
    pages = sound.stat().st_size // PAGE
    assert pages > 20
    for page in range(1, pages):
        shutil.copy(sound, folders.database_path)
        _damage(folders.database_path, page)
        with pytest.raises(SettingError) as raised:
            check_database(folders)
        assert raised.value.code == "database_unusable", page
        assert "\n" not in raised.value.message


@pytest.mark.parametrize("arguments", [(), ("--accept-database",)])
def test_a_damaged_database_stops_the_start_with_one_line(
    folders: Folders, sound: Path, arguments: tuple[str, ...]
) -> None:
    _damage(folders.database_path, sound.stat().st_size // PAGE - 1)
    before = folders.database_path.read_bytes()
    process = spawn_service(folders.root, "--port=0", *arguments, stderr=-1)
    output, errors = process.communicate(timeout=120)
    assert (process.returncode, output) == (2, "")
    assert errors.startswith(f"The database in {folders.root} cannot be used")
    assert errors.count("\n") == 1
    assert folders.database_path.read_bytes() == before


def test_a_damaged_database_is_not_backed_up(
    folders: Folders, sound: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _damage(folders.database_path, sound.stat().st_size // PAGE - 1)
    target = tmp_path / "backup.tar"
    assert main(["backup", str(target), "--data-dir", str(folders.root)]) == 2
    assert capsys.readouterr().err.startswith(f"The database in {folders.root} cannot be used")
    assert not target.exists()
