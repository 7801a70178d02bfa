"""Backups: made while jobs run, restored into an empty folder, refused if they are incomplete."""

import gzip
import io
import lzma
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.commands import command, command_here, opened
from tests.support.people import Person
from tests.support.scripted import SETTING, Script
from tests.support.service_process import running_service

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a backup of two tests with scores, while a third one is being scored."""
    folder = tmp_path_factory.mktemp("original")
    data_dir, target = folder / "data", folder / "backup.tar"
    with running_service(data_dir, env=SETTING) as service:
        person = Person(service=service, user_id="kim", folder=folder)
        person.processed(Script(rows=20), title="One")
        person.processed(Script(rows=30), title="Two")
        _, gate = person.upload_held(rows=10)
        output = command("backup", target, "--data-dir", data_dir)
        assert "3 tests, 5 files" in output
        gate.touch()
    return folder


@pytest.fixture
def backup(tmp_path: Path, original: Path) -> Path:
    """Copy the backup, and the data directory that it was made of: a start of its service less."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    return tmp_path / "backup.tar"


def test_a_restored_service_has_the_same_tests_and_scores(tmp_path: Path, backup: Path) -> None:
    """And an event log with another id, as numbers after the backup are given a second time:
    followers must take the list again."""
    restored = tmp_path / "restored"
    command("restore", backup, "--data-dir", restored)
    scores, log_ids = {}, set()
    for name in ("data", "restored"):
        with running_service(tmp_path / name, env=SETTING) as service:
            person = Person(service=service, user_id="kim", folder=tmp_path)
            tests = {test["title"]: test for test in service.data("GET", "/tests/results")}
            running = tests["A test"]["activeJob"] or tests["A test"]["lastJob"]
            person.job_becomes(running["jobId"], "completed" if name == "data" else "failed")
            log_ids.add(service.call("GET", "/etl/jobs").headers["X-Event-Log-Id"])
            scores[name] = {
                title: service.call("GET", f"/tests/results/{tests[title]['id']}/scores").content
                for title in ("One", "Two")
            }
    assert scores["data"] == scores["restored"]
    assert len(log_ids) == 2


def test_data_that_are_there_are_replaced_only_on_request(tmp_path: Path, backup: Path) -> None:
    data_dir = tmp_path / "data"
    before = {path.name for path in (data_dir / "uploads").iterdir()}
    message = command_here("restore", backup, "--data-dir", data_dir, expected=2)
    assert "--replace" in message
    assert {path.name for path in (data_dir / "uploads").iterdir()} == before
    command_here("restore", backup, "--data-dir", data_dir, "--replace")
    lost = {path.name for path in (data_dir / "lost").rglob("*") if path.is_file()}
    assert before <= lost
    assert "etl.sqlite" in lost


def test_a_restore_needs_the_service_stopped(tmp_path: Path, backup: Path) -> None:
    with opened(tmp_path / "data"):
        message = command_here("restore", backup, "--data-dir", tmp_path / "data", expected=2)
    assert "in use by another ETL service" in message


def _flipped(content: bytes, position: int) -> bytes:
    return content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :]


def _position(backup: Path, folder: str) -> int:
    """Return the position of a byte of the first file of the folder."""
    with tarfile.open(backup) as archive:
        return next(m.offset_data for m in archive if m.name.startswith(folder)) + 30


SPOILT: Mapping[str, Callable[[Path], bytes]] = {
    "cut": lambda backup: backup.read_bytes()[: backup.stat().st_size // 2],
    "text": lambda _: b"no archive",
    "empty": lambda _: b"",
    "gzip, cut": lambda backup: gzip.compress(backup.read_bytes())[:2000],
    "xz, damaged": lambda backup: _flipped(lzma.compress(backup.read_bytes()), 2000),
    "answers, damaged": lambda backup: _flipped(backup.read_bytes(), _position(backup, "uploads/")),
    "scores, damaged": lambda backup: _flipped(backup.read_bytes(), _position(backup, "results/")),
}
REWRITTEN = ("missing", "escape", "link", "damaged", "list", "deep", "no manifest", "other program")


@pytest.mark.parametrize("spoil", [*SPOILT, *REWRITTEN])
def test_an_unusable_backup_changes_nothing(tmp_path: Path, backup: Path, spoil: str) -> None:
    spoilt = tmp_path / "spoilt.tar"
    if spoil in SPOILT:
        spoilt.write_bytes(SPOILT[spoil](backup))
    else:
        _rewrite(backup, spoilt, spoil)
    message = command_here("restore", spoilt, "--data-dir", tmp_path / "restored", expected=2)
    assert "is no complete backup" in message
    assert message.count("\n") == 1
    left = [path.name for path in (tmp_path / "restored").rglob("*") if path.is_file()]
    assert set(left) <= {"service.lock"}
    assert not (tmp_path / "outside").exists()


MANIFESTS = {"list": b"[]", "deep": b"[" * 100_000}
STATEMENTS = {
    "newer": "UPDATE alembic_version SET version_num = '9999'",
    "other program": "DROP TABLE event_counter",
}


def _rewrite(source: Path, target: Path, spoil: str) -> None:
    with tarfile.open(source) as original, tarfile.open(target, "w") as copy:
        for member in original:
            content = _spoilt(original, member, spoil)
            if content is not None:
                member.size = len(content)
                copy.addfile(member, io.BytesIO(content))
        extra = tarfile.TarInfo("../outside" if spoil == "escape" else "uploads/a.json")
        if spoil == "link":
            extra.type, extra.linkname = tarfile.SYMTYPE, "/etc/passwd"
        if spoil in ("escape", "link"):
            copy.addfile(extra)


def _spoilt(archive: tarfile.TarFile, member: tarfile.TarInfo, spoil: str) -> bytes | None:
    """Return the content of a member, None to leave it out. Without its checksums, as an older
    version made it, unless the manifest itself is spoilt."""
    file = archive.extractfile(member)
    assert file is not None
    if member.name == "manifest.json":
        return MANIFESTS.get(spoil, None if spoil == "no manifest" else b'{"format": 1}')
    if member.name == "etl.sqlite" and spoil in STATEMENTS:
        return _changed(file.read(), STATEMENTS[spoil])
    if member.name == "etl.sqlite" and spoil == "damaged":
        return b"\0" * 4096
    return None if spoil == "missing" and member.name.startswith("uploads/") else file.read()


def _changed(database: bytes, statement: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "etl.sqlite"
        path.write_bytes(database)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(statement)
            connection.commit()
        return path.read_bytes()


def test_a_backup_of_a_newer_version_replaces_nothing(tmp_path: Path, backup: Path) -> None:
    _rewrite(backup, tmp_path / "newer.tar", "newer")
    data_dir = tmp_path / "data"
    newer = tmp_path / "newer.tar"
    message = command_here("restore", newer, "--data-dir", data_dir, "--replace", expected=2)
    assert "newer version" in message
    assert (data_dir / "etl.sqlite").exists()
    assert not (data_dir / "lost").exists()


def test_a_backup_that_an_older_version_made_has_no_checksums(tmp_path: Path, backup: Path) -> None:
    _rewrite(backup, tmp_path / "older.tar", "older")
    assert "restored" in command_here(
        "restore", tmp_path / "older.tar", "--data-dir", tmp_path / "new"
    )


def test_a_compressed_backup_is_restored(tmp_path: Path, backup: Path) -> None:
    compressed = tmp_path / "backup.tar.gz"
    compressed.write_bytes(gzip.compress(backup.read_bytes()))
    assert "restored" in command_here("restore", compressed, "--data-dir", tmp_path / "new")


def test_a_log_of_another_database_is_not_taken_for_a_part(tmp_path: Path, backup: Path) -> None:
    """SQLite adds what is in `etl.sqlite-wal` to the database beside it."""
    data_dir = tmp_path / "restored"
    data_dir.mkdir()
    with closing(sqlite3.connect(tmp_path / "other.sqlite")) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE other (x)")
        other.commit()
        shutil.copy(tmp_path / "other.sqlite-wal", data_dir / "etl.sqlite-wal")
    assert "--replace" in command_here("restore", backup, "--data-dir", data_dir, expected=2)
    command_here("restore", backup, "--data-dir", data_dir, "--replace")
    with closing(sqlite3.connect(data_dir / "etl.sqlite")) as restored:
        tables = {name for (name,) in restored.execute("SELECT name FROM sqlite_master")}
    assert "jobs" in tables
    assert "other" not in tables


@pytest.mark.parametrize(
    "place", ["etl.sqlite", "service.lock", "database-mark.json", "uploads", "incoming/new.tar"]
)
def test_a_backup_never_replaces_what_is_no_backup(
    tmp_path: Path, backup: Path, place: str
) -> None:
    target = tmp_path / "data" / place
    if place == "uploads":
        target = sorted(target.iterdir())[0]
    before = target.read_bytes() if target.exists() else None
    message = command_here("backup", target, "--data-dir", tmp_path / "data", expected=2)
    assert "is no place for a backup" in message
    assert (target.read_bytes() if target.exists() else None) == before


def test_a_backup_replaces_an_earlier_one_only(tmp_path: Path, backup: Path) -> None:
    command_here("backup", backup, "--data-dir", tmp_path / "data")
    notes = tmp_path / "notes.txt"
    notes.write_text("mine")
    command_here("backup", notes, "--data-dir", tmp_path / "data", expected=2)
    assert notes.read_text() == "mine"


def test_a_file_that_is_gone_does_not_prevent_backups(tmp_path: Path, backup: Path) -> None:
    gone = sorted((tmp_path / "data" / "uploads").iterdir())[0]
    gone.unlink()
    output = command_here("backup", backup, "--data-dir", tmp_path / "data")
    assert f"uploads/{gone.name}: missing" in output
    assert "restored" in command_here("restore", backup, "--data-dir", tmp_path / "new")


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    message = command_here(
        "backup", tmp_path / "b.tar", "--data-dir", tmp_path / "data", expected=2
    )
    assert "There is no database" in message
    assert not (tmp_path / "data").exists()


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path, backup: Path) -> None:
    target = tmp_path / "no" / "such" / "folder.tar"
    message = command_here("backup", target, "--data-dir", tmp_path / "data", expected=2)
    assert "could not be written" in message


def test_lost_files_are_taken_in_again(tmp_path: Path, backup: Path) -> None:
    """Files that the database names go back; an answer file that it does not name is a new test."""
    data_dir = tmp_path / "data"
    scores = len(list((data_dir / "results").iterdir()))
    for name in ("etl.sqlite", "etl.sqlite-wal", "etl.sqlite-shm"):
        (data_dir / name).unlink(missing_ok=True)
    with opened(data_dir, accept_database=True):
        pass
    output = command("adopt", "--data-dir", data_dir, "--user", "lee")
    assert output.count("a new test of the kind scripted") == 3
    assert output.count("left in") == scores
    with running_service(data_dir, env=SETTING) as service:
        person = Person(service=service, user_id="lee", folder=tmp_path)
        tests = service.data("GET", "/tests/results?userId=lee")
        assert len(tests) == 3
        job = tests[0]["activeJob"] or tests[0]["lastJob"]
        assert person.job(job["jobId"])["requestedBy"] == "command line"
        actors = {entry["actor"] for entry in service.data("GET", "/activity")}
        assert "command line" in actors


def test_files_that_a_restored_database_names_go_back_to_their_place(
    tmp_path: Path, backup: Path
) -> None:
    data_dir = tmp_path / "data"
    scores = sorted((data_dir / "results").iterdir())
    lost = data_dir / "lost" / "2026-11-27T00-00-00" / "results"
    lost.mkdir(parents=True)
    scores[0].rename(lost / scores[0].name)
    assert f"{scores[0].name}: put back" in command_here("adopt", "--data-dir", data_dir)
    assert scores[0].exists()


def test_a_lost_file_may_have_any_name(tmp_path: Path, backup: Path) -> None:
    """Its test has a name that can be shown, and a backup that can be restored. What a link leads
    to is no lost file."""
    data_dir = tmp_path / "data"
    lost = data_dir / "lost" / "2026-11-27T00-00-00" / "uploads"
    lost.mkdir(parents=True)
    source = sorted((data_dir / "uploads").iterdir())[0]
    shutil.copy(os.fsencode(source), os.fsencode(lost) + b"/a \xff\n\x1b[2J.json")
    (lost / "link.json").symlink_to(source)
    output = command_here("adopt", "--data-dir", data_dir, "--user", "lee", "--kind", "scripted")
    assert output == "a ?␊␛[2J.json: a new test of the kind scripted\n"
    command_here("backup", backup, "--data-dir", data_dir)
    assert "restored" in command_here("restore", backup, "--data-dir", tmp_path / "new")
