"""Backups: made while jobs run, restored into an empty folder, refused if they are incomplete."""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.people import Person
from tests.support.portal_process import ROOT
from tests.support.scripted import SETTING, Script
from tests.support.service_process import running_service

pytestmark = pytest.mark.long


def command(*arguments: str | Path, expected: int = 0, env: Mapping[str, str] | None = None) -> str:
    """Run a command of the service. Returns its standard output, or its error."""
    done = subprocess.run(
        [sys.executable, "-m", "etl_monitor.service", *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **SETTING, **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout if expected == 0 else done.stderr


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
    restored = tmp_path / "restored"
    command("restore", backup, "--data-dir", restored)
    addresses = {}
    for name in ("data", "restored"):
        with running_service(tmp_path / name, env=SETTING) as service:
            person = Person(service=service, user_id="kim", folder=tmp_path)
            tests = {test["title"]: test for test in service.data("GET", "/tests/results")}
            running = tests["A test"]["activeJob"] or tests["A test"]["lastJob"]
            person.job_becomes(running["jobId"], "completed" if name == "data" else "failed")
            addresses[name] = {
                title: service.call("GET", f"/tests/results/{tests[title]['id']}/scores").content
                for title in ("One", "Two")
            }
    assert addresses["data"] == addresses["restored"]


def test_a_restore_gives_the_event_log_another_id(tmp_path: Path, backup: Path) -> None:
    """Numbers after the backup are given a second time: followers must take the list again."""
    command("restore", backup, "--data-dir", tmp_path / "restored")
    ids = set()
    for name in ("data", "restored"):
        with running_service(tmp_path / name, env=SETTING) as service:
            ids.add(service.call("GET", "/etl/jobs").headers["X-Event-Log-Id"])
    assert len(ids) == 2


def test_data_that_are_there_are_replaced_only_on_request(tmp_path: Path, backup: Path) -> None:
    data_dir = tmp_path / "data"
    before = {path.name for path in (data_dir / "uploads").iterdir()}
    message = command("restore", backup, "--data-dir", data_dir, expected=2)
    assert "--replace" in message
    assert {path.name for path in (data_dir / "uploads").iterdir()} == before
    command("restore", backup, "--data-dir", data_dir, "--replace")
    lost = {path.name for path in (data_dir / "lost").rglob("*") if path.is_file()}
    assert before <= lost
    assert "etl.sqlite" in lost


def test_a_restore_needs_the_service_stopped(tmp_path: Path, backup: Path) -> None:
    with running_service(tmp_path / "data", env=SETTING):
        message = command("restore", backup, "--data-dir", tmp_path / "data", expected=2)
    assert "in use by another ETL service" in message


@pytest.mark.parametrize("spoil", ["cut", "text", "missing", "escape", "link", "damaged"])
def test_an_unusable_backup_changes_nothing(tmp_path: Path, backup: Path, spoil: str) -> None:
    spoilt = tmp_path / "spoilt.tar"
    if spoil == "cut":
        content = backup.read_bytes()
        spoilt.write_bytes(content[: len(content) // 2])
    elif spoil == "text":
        spoilt.write_text("no archive")
    else:
        _rewrite(backup, spoilt, spoil)
    message = command("restore", spoilt, "--data-dir", tmp_path / "restored", expected=2)
    assert "is no complete backup" in message
    left = [path.name for path in (tmp_path / "restored").rglob("*") if path.is_file()]
    assert set(left) <= {"service.lock"}
    assert not (tmp_path / "outside").exists()


def _rewrite(source: Path, target: Path, spoil: str) -> None:
    with tarfile.open(source) as original, tarfile.open(target, "w") as copy:
        for member in original:
            if spoil == "missing" and member.name.startswith("uploads/"):
                continue
            content = original.extractfile(member)
            if spoil == "damaged" and member.name == "etl.sqlite":
                member.size, content = 4096, None
            copy.addfile(member, content)
        extra = tarfile.TarInfo("../outside" if spoil == "escape" else "uploads/a.json")
        if spoil == "link":
            extra.type, extra.linkname = tarfile.SYMTYPE, "/etc/passwd"
        if spoil in ("escape", "link"):
            copy.addfile(extra)


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    message = command("backup", tmp_path / "b.tar", "--data-dir", tmp_path / "data", expected=2)
    assert "There is no database" in message
    assert not (tmp_path / "data").exists()


def test_a_backup_that_cannot_be_written_leaves_nothing(tmp_path: Path, backup: Path) -> None:
    target = tmp_path / "no" / "such" / "folder.tar"
    message = command("backup", target, "--data-dir", tmp_path / "data", expected=2)
    assert "could not be written" in message


def test_lost_files_are_taken_in_again(tmp_path: Path, backup: Path) -> None:
    """Files that the database names go back; an answer file that it does not name is a new test."""
    data_dir = tmp_path / "data"
    scores = len(list((data_dir / "results").iterdir()))
    for name in ("etl.sqlite", "etl.sqlite-wal", "etl.sqlite-shm"):
        (data_dir / name).unlink(missing_ok=True)
    with running_service(data_dir, "--accept-database", env=SETTING):
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
    assert f"{scores[0].name}: put back" in command("adopt", "--data-dir", data_dir)
    assert scores[0].exists()
