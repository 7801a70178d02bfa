"""A database that does not belong to the files beside it stops the start; nothing is deleted."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from etl_monitor.errors import SettingError
from etl_monitor.service.results.registration import file_names
from tests.support.commands import opened
from tests.support.people import Person
from tests.support.records import add_test
from tests.support.scripted import SETTING, Script
from tests.support.service_process import running_service, spawn_service

pytestmark = pytest.mark.long

DATABASE = ("etl.sqlite", "etl.sqlite-wal", "etl.sqlite-shm")


def files(data_dir: Path) -> set[str]:
    """Return the answer and score files, wherever they are now."""
    return {path.name for path in data_dir.rglob("*") if path.parent.name in ("uploads", "results")}


def remove_database(data_dir: Path) -> None:
    for name in DATABASE:
        (data_dir / name).unlink(missing_ok=True)


def startup_error(data_dir: Path) -> str:
    """Start in a process of its own, whose error is one line."""
    process = spawn_service(data_dir, "--port=0", env=SETTING, stderr=-1)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 2, errors
    assert errors.count("\n") == 1, errors
    return errors


def error_here(data_dir: Path) -> str:
    """Return why a start fails."""
    with pytest.raises(SettingError) as raised, opened(data_dir):
        pass
    return raised.value.message


def with_tests(data_dir: Path, count: int) -> None:
    """Start a service on the folder, with so many more tests when it stops."""
    with opened(data_dir) as service, service.db.writing() as tx:
        for _ in range(count):
            add_test(tx)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run a service once, with two tests that have scores."""
    folder = tmp_path_factory.mktemp("original")
    with running_service(folder / "data", env=SETTING) as service:
        person = Person(service=service, user_id="kim", folder=folder)
        for number in range(2):
            person.processed(Script(rows=20), title=f"Test {number}")
    return folder


@pytest.fixture
def data_dir(tmp_path: Path, original: Path) -> Path:
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path / "data"


def _missing(data_dir: Path, _older: Path) -> None:
    remove_database(data_dir)


def _empty(data_dir: Path, _older: Path) -> None:
    remove_database(data_dir)
    (data_dir / DATABASE[0]).touch()


def _new(data_dir: Path, _older: Path) -> None:
    """As a service of version 0.1.0 would have made it; that one kept no mark."""
    remove_database(data_dir)
    (data_dir / "database-mark.json").unlink()
    with opened(data_dir.parent / "new"):
        pass
    shutil.copy(data_dir.parent / "new" / DATABASE[0], data_dir)


def _foreign(data_dir: Path, _older: Path) -> None:
    remove_database(data_dir)
    with_tests(data_dir.parent / "other", 3)
    shutil.copy(data_dir.parent / "other" / DATABASE[0], data_dir)


def _older(data_dir: Path, older: Path) -> None:
    remove_database(data_dir)
    shutil.copy(older, data_dir / DATABASE[0])


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (_missing, "is missing, but 4 answer and score files are there"),
        (_empty, "is missing, but 4 answer and score files are there"),
        (_new, "is new and names none of the 4 answer and score files"),
        (_foreign, "is not the one that its 4 answer and score files belong to"),
        (_older, "is older than the files there"),
    ],
)
def test_a_database_that_does_not_belong_there_stops_the_start(
    data_dir: Path, tmp_path: Path, damage: Callable[[Path, Path], None], reason: str
) -> None:
    older = tmp_path / "older.sqlite"
    shutil.copy(data_dir / DATABASE[0], older)
    if damage is _older:
        with_tests(data_dir, 1)
    before = files(data_dir)
    assert len(before) == 4
    damage(data_dir, older)
    message = startup_error(data_dir) if damage is _older else error_here(data_dir)
    assert reason in message
    assert "--accept-database" in message
    assert files(data_dir) == before
    assert not (data_dir / "lost").exists()


def test_an_accepted_database_sets_files_aside_and_deletes_none(
    data_dir: Path, tmp_path: Path
) -> None:
    before = files(data_dir)
    remove_database(data_dir)
    with running_service(data_dir, "--accept-database", env=SETTING) as service:
        assert service.data("GET", "/tests/results") == []
        assert service.data("GET", "/system")["lostFiles"] == 4
        assert "files_set_aside" in service.log.read_text(encoding="utf-8")
        lost = {p.name for p in (data_dir / "lost").rglob("*") if p.is_file()}
        assert lost == before
    with opened(data_dir):
        pass  # it is this folder's database now


def test_followers_of_an_accepted_older_database_take_the_list_again(
    data_dir: Path, tmp_path: Path
) -> None:
    """Its event numbers are given a second time."""
    older = tmp_path / "older.sqlite"
    shutil.copy(data_dir / DATABASE[0], older)
    with_tests(data_dir, 1)
    with opened(data_dir) as service:
        log_id = service.service_id
    _older(data_dir, older)
    with running_service(data_dir, "--accept-database", env=SETTING) as running:
        assert running.call("GET", "/etl/jobs").headers["X-Event-Log-Id"] != log_id


@pytest.mark.parametrize("content", ["", "{", "[]", '{"log_id": 1}', "\x00"])
def test_a_damaged_mark_does_not_stop_a_service(data_dir: Path, content: str) -> None:
    (data_dir / "database-mark.json").write_text(content, encoding="utf-8")
    with opened(data_dir) as service, service.db.reading() as tx:
        assert len(file_names(tx)) == 4


def test_a_kill_leaves_a_mark_that_fits(data_dir: Path, tmp_path: Path) -> None:
    """The mark may be behind the database, never before it."""
    with running_service(data_dir, env=SETTING) as service:
        Person(service=service, user_id="kim", folder=tmp_path).processed(Script(rows=20))
        service.process.kill()
        service.process.wait()
    with opened(data_dir) as opened_again, opened_again.db.reading() as tx:
        assert len(file_names(tx)) == 6


def test_a_missing_answer_file_is_the_error_of_its_test_alone(
    data_dir: Path, tmp_path: Path
) -> None:
    with running_service(data_dir, env=SETTING) as service:
        person = Person(service=service, user_id="kim", folder=tmp_path)
        gone = person.processed(Script(rows=20), title="Gone")
        with sqlite3.connect(data_dir / DATABASE[0]) as db:
            query = "SELECT source FROM tests WHERE test_id = ?"
            source = db.execute(query, (gone["id"],)).fetchone()[0]
        (data_dir / "uploads" / source).unlink()
        body = {"userId": "kim", "anpSeq": gone["anpSeq"], "forceReprocess": True}
        job_id = service.data("POST", "/etl/process", json=body)["jobId"]
        job = person.job_becomes(job_id, "failed")
        assert job["errorCode"] == "answer_file_missing"
        assert job["errorDetails"] == {"fileName": "answers.json"}
        assert person.test(gone["id"])["status"] == "completed"
        assert person.processed(Script(rows=20))["status"] == "completed"


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b'{"log_id": "a", "position": 1e400}', b"\0" * 50]
)
def test_a_damaged_mark_does_not_stop_the_start(data_dir: Path, content: bytes) -> None:
    (data_dir / "database-mark.json").write_bytes(content)
    with opened(data_dir):
        assert len(files(data_dir)) == 4
    assert (data_dir / "database-mark.json").read_bytes() != content


def test_a_file_that_cannot_be_set_aside_stops_the_start(data_dir: Path) -> None:
    (data_dir / "lost").touch()
    (data_dir / "uploads" / "unnamed.csv").touch()
    assert "cannot be written to" in error_here(data_dir)
    assert (data_dir / "uploads" / "unnamed.csv").exists()
