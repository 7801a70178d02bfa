"""A service whose answer files and results are in a bucket of an S3-compatible server."""

import io
import subprocess
import sys
import threading
from collections.abc import Iterator, Set
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.service.operations.test_migrate_to import contents
from tests.support.commands import command
from tests.support.eventually import eventually
from tests.support.installation import WORKER_ARGUMENTS, Installation
from tests.support.object_store import SECRET, Bucket, credentials, new_bucket, running_s3
from tests.support.people import Person
from tests.support.scripted import SETTING, Script
from tests.support.servers import Server, free_port, new_database, running_redis
from tests.support.service_process import ROOT, RunningService, running_service, spawn_service

pytestmark = pytest.mark.long

MARK = "database-mark.json"
CANNOT_START, MAY_START_LATER = 2, 1


@pytest.fixture
def bucket(s3: Server) -> Bucket:
    return new_bucket(s3)


def _scores(person: Person, test: Any) -> bytes:
    reply = person.service.call("GET", f"/tests/results/{test['id']}/scores")
    assert reply.status_code == 200, reply.text
    assert int(reply.headers["Content-Length"]) == len(reply.content)
    return reply.content


def _has_names(bucket: Bucket, names: Set[str]) -> None:
    assert set(bucket.names()) == names


def _is_upload(bucket: Bucket, name: str, script: Script) -> bool:
    return name.startswith("uploads/") and bucket.content(name) == script.file()


def _processed_again(person: Person, *tests: Any) -> list[str]:
    """Process the stored files of these tests once more. Returns the new jobs' ids."""
    body = {"testIds": [test["id"] for test in tests], "forceReprocess": True}
    return [line["jobId"] for line in person.service.data("POST", "/etl/process/bulk", json=body)]


def _rows(scores: bytes) -> int:
    count: int = pq.read_metadata(io.BytesIO(scores)).num_rows
    return count


def _correct(person: Person, test: Any, rows: int) -> None:
    """Replace the test's file by one with so many rows, and wait until it is processed."""
    files = {"file": ("answers.json", Script(rows=rows, chunk=rows).file())}
    path = f"/tests/results/{test['id']}/file"
    job = person.service.data("PUT", path, files=files)["activeJob"]
    person.job_becomes(job["jobId"], "completed")


def _start_fails(data_dir: Path, setting: dict[str, str]) -> tuple[int, str]:
    """Return the exit code and the one line that says why."""
    process = spawn_service(data_dir, "--port=0", env=SETTING | setting, stderr=subprocess.PIPE)
    _, error = process.communicate(timeout=120)
    (*_, line) = error.splitlines()
    assert SECRET not in error
    return process.returncode, line


@pytest.fixture(scope="module", params=["local", "celery"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def bucket_of_installation(s3: Server, engine: str) -> Bucket:
    bucket = new_bucket(s3)
    for name in ("results/odd/odd", "results/"):
        bucket.put(name, b"odd")
    return bucket


@pytest.fixture(scope="module")
def installation(
    engine: str,
    bucket_of_installation: Bucket,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Installation]:
    setting = bucket_of_installation.setting
    with ExitStack() as servers:
        if engine == "celery":
            redis = servers.enter_context(running_redis())
            database = new_database(request.getfixturevalue("postgres"))
            setting["ETL_MONITOR_BROKER_URL"] = f"redis://127.0.0.1:{redis.port}/0"
            setting["ETL_MONITOR_DATABASE_URL"] = database
        folder = tmp_path_factory.mktemp("installation")
        yield servers.enter_context(Installation(folder, setting))


class TestLifeOfATest:
    """Upload, result, correction and deletion: with the engine of one machine, and with a worker of
    Celery that shares no folder with the service."""

    def test_it_is_in_the_bucket_only(
        self, installation: Installation, bucket_of_installation: Bucket
    ) -> None:
        person, bucket = installation.person("kim"), bucket_of_installation
        test = person.processed(Script(rows=20))
        job_id = test["lastJob"]["jobId"]
        (upload,) = [name for name in bucket.names() if name.startswith("uploads/")]
        assert bucket.content(upload) == Script(rows=20).file()
        assert bucket.content(f"results/{job_id}.parquet") == _scores(person, test)
        _correct(person, test, rows=30)
        assert _rows(_scores(person, test)) == 30
        assert upload not in bucket.names()
        assert f"results/{job_id}.parquet" not in bucket.names()
        person.service.data("DELETE", f"/tests/results/{test['id']}")
        assert set(bucket.names()) == {MARK, "results/", "results/odd/odd"}
        self._has_no_files(installation.service.data_dir)
        self._has_no_files(installation.service.data_dir.parent / "worker")

    def _has_no_files(self, data_dir: Path) -> None:
        """Of answers and results; a machine without workers has no folder for them."""
        folders = ("uploads", "results", "work", "incoming", "lost")
        found = [path for name in folders for path in (data_dir / name).glob("**/*")]
        assert not [path for path in found if path.is_file()]

    def test_the_stored_file_is_processed_again(
        self, installation: Installation, bucket_of_installation: Bucket
    ) -> None:
        person, bucket = installation.person("choi"), bucket_of_installation
        test, before = person.processed(Script(rows=20)), set(bucket.names())
        scores, first = _scores(person, test), test["lastJob"]["jobId"]
        which = {"userId": "choi", "anpSeq": test["anpSeq"]}
        error = person.service.error("POST", "/etl/process", json=which)
        assert error[:2] == (409, "already_processed")
        forced = which | {"forceReprocess": True}
        second = person.service.data("POST", "/etl/process", json=forced)["jobId"]
        person.job_becomes(second, "completed")
        (third,) = _processed_again(person, test)
        person.job_becomes(third, "completed")
        assert _scores(person, test) == scores
        files = (before - {f"results/{first}.parquet"}) | {f"results/{third}.parquet"}
        eventually(lambda: _has_names(bucket, files))
        person.service.data("DELETE", f"/tests/results/{test['id']}")

    def test_a_file_that_is_missing_in_the_bucket_is_an_error_of_its_test_alone(
        self, installation: Installation, bucket_of_installation: Bucket
    ) -> None:
        person, bucket = installation.person("jung"), bucket_of_installation
        test, others = person.processed(Script(rows=20)), set(bucket.names())
        other = person.processed(Script(rows=30))
        scores = _scores(person, test)
        (upload,) = [name for name in others if _is_upload(bucket, name, Script(rows=20))]
        bucket.remove(upload)
        failed, completed = _processed_again(person, test, other)
        person.job_becomes(completed, "completed")
        assert person.job_becomes(failed, "failed")["errorCode"] == "answer_file_missing"
        assert _scores(person, test) == scores
        for each in (test, other):
            person.service.data("DELETE", f"/tests/results/{each['id']}")

    def test_a_reader_gets_the_old_scores_or_the_new_ones(self, installation: Installation) -> None:
        person = installation.person("lee")
        test = person.processed(Script(rows=500, chunk=500))
        seen: list[int] = []
        stop = threading.Event()

        def read_on() -> None:
            while not stop.is_set():
                seen.append(_rows(_scores(person, test)))

        reader = threading.Thread(target=read_on)
        reader.start()
        try:
            for rows in (600, 700, 800):
                _correct(person, test, rows)
        finally:
            stop.set()
            reader.join()
        assert _rows(_scores(person, test)) == 800
        assert seen == sorted(seen)
        assert set(seen) <= {500, 600, 700, 800}

    def test_an_open_download_is_not_disturbed(self, installation: Installation) -> None:
        person = installation.person("park")
        test = person.processed(Script(rows=2_000_000, chunk=2_000_000))
        whole = _scores(person, test)
        path = f"/tests/results/{test['id']}/scores"
        with closing(person.service.call("GET", path, stream=True)) as reply:
            begin = reply.raw.read(1000)
            _correct(person, test, rows=10)
            person.service.data("DELETE", f"/tests/results/{test['id']}")
            assert begin + reply.raw.read() == whole

    def test_secrets_are_in_no_log(self, installation: Installation) -> None:
        service = installation.service
        text = "".join(log.read_text("utf-8") for log in service.data_dir.parent.glob("*.log"))
        assert "job_finished" in text
        assert SECRET not in text
        checks = service.data("GET", "/readyz")["checks"]
        location = installation.setting["ETL_MONITOR_STORAGE_URL"]
        assert checks["storage"] == {"ok": True, "message": f"{location} answers"}

    def test_a_worker_with_another_storage_does_not_start(
        self, installation: Installation, engine: str, s3: Server, tmp_path: Path
    ) -> None:
        if engine == "local":
            return  # whose workers are the service's own
        others = new_bucket(s3)
        for name, code in (
            (others.url, f"The storage {others.url} is not that of the services"),
            ("", f"The data directory {tmp_path} is not that of the services"),
        ):
            setting = installation.setting | {"ETL_MONITOR_STORAGE_URL": name}
            done = subprocess.run(
                [str(Path(sys.executable).with_name("celery")), *WORKER_ARGUMENTS],
                cwd=ROOT,
                env=setting | {"ETL_MONITOR_DATA_DIR": str(tmp_path), "PATH": "/usr/bin:/bin"},
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert (done.returncode, code in done.stderr) == (CANNOT_START, True), done.stderr


def test_a_service_waits_for_its_storage(bucket: Bucket, tmp_path: Path) -> None:
    away = {"AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{free_port()}"}
    code, line = _start_fails(tmp_path / "data", bucket.setting | away)
    assert code == MAY_START_LATER
    assert line.startswith(f"The storage {bucket.url} does not answer.")


def test_a_laptops_files_are_copied_to_a_bucket_and_back(
    bucket: Bucket, s3: Server, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    with running_service(data_dir, env=SETTING) as service:
        person = Person(service=service, user_id="kim", folder=tmp_path)
        for rows in (20, 30):
            person.processed(Script(rows=rows))
        before = contents(service)
    assert "4 files" in command(
        "copy-files", bucket.url, "--data-dir", data_dir, env=credentials(s3)
    )
    assert len(bucket.names()) == 5
    code, line = _start_fails(data_dir, {})
    assert code == CANNOT_START
    assert f"were copied to {bucket.url}. Set ETL_MONITOR_STORAGE_URL to it" in line
    for folder in ("uploads", "results"):
        for path in (data_dir / folder).iterdir():
            path.unlink()
    bucket.put("uploads/unnamed.json", Script(rows=7).file())
    with running_service(data_dir, env=SETTING | bucket.setting) as service:
        assert contents(service) == before
        assert service.data("GET", "/system")["lostFiles"] == 1
    backup = tmp_path / "backup.tar"
    command("backup", backup, "--data-dir", data_dir, env=bucket.setting)
    command("copy-files", f"file://{data_dir}", "--data-dir", data_dir, env=bucket.setting)
    for name in ("uploads", "results"):
        here = {path.read_bytes() for path in (data_dir / name).iterdir()}
        there = {content for key, content in bucket.contents().items() if key.startswith(name)}
        assert here == there, name
    _is_restored(backup, new_bucket(s3), tmp_path / "restored", before)


def _is_restored(backup: Path, bucket: Bucket, data_dir: Path, before: dict[str, object]) -> None:
    command("restore", backup, "--data-dir", data_dir, env=bucket.setting)
    assert not (data_dir / "uploads").exists()
    scores = before["scores"]
    assert isinstance(scores, list)
    assert set(scores) == {
        content for name, content in bucket.contents().items() if name.startswith("results/")
    }


def test_an_outage_fails_jobs_and_uploads_and_loses_nothing(tmp_path: Path) -> None:
    with running_s3() as server:
        bucket = new_bucket(server)
        with running_service(tmp_path / "data", env=SETTING | bucket.setting) as service:
            person = Person(service=service, user_id="kim", folder=tmp_path)
            test = person.processed(Script(rows=20))
            other, gate = person.upload_held(rows=30)
            scores, stored = _scores(person, test), bucket.contents()
            server.kill()
            _everything_but_files_works(person, test)
            gate.touch()
            jobs = [other["activeJob"]["jobId"], *_processed_again(person, test)]
            for job in jobs:
                failed = person.job_becomes(job, "failed")
                assert failed["errorCode"] == "storage_unavailable"
                assert "Retry it when the storage can be used again" in failed["errorMessage"]
            server.start()
            bucket.make()
            for name, content in stored.items():
                bucket.put(name, content)
            for job in jobs:
                retried = service.data("POST", f"/etl/jobs/{job}/retry")
                person.job_becomes(retried["jobId"], "completed")
            assert _rows(_scores(person, other)) == 30
            assert _scores(person, test) == scores
            assert service.call("GET", "/readyz").status_code == 200


def _everything_but_files_works(person: Person, test: Any) -> None:
    service: RunningService = person.service
    unavailable = (503, "storage_unavailable", {"reason": "unreachable"})
    fields = {"testKind": "scripted", "userId": "kim", "title": "Lost"}
    files = {"file": ("answers.json", Script().file())}
    assert service.error("POST", "/tests/results", data=fields, files=files) == unavailable
    assert service.error("GET", f"/tests/results/{test['id']}/scores") == unavailable
    assert [found["title"] for found in service.data("GET", "/tests/results")] == ["A test"] * 2
    assert service.data("GET", "/system")["lostFiles"] == 0
    assert service.error("GET", "/readyz")[2]["checks"]["storage"]["ok"] is False
