"""What every storage of files promises, shown by a data directory, another folder and a bucket."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl_monitor.service import storage_errors
from etl_monitor.service.errors import StorageUnavailable
from etl_monitor.service.operations import retention
from etl_monitor.service.operations.housekeeper import Housekeeper
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.file_storage import MARK, Storage
from etl_monitor.service.storage.open import open_database
from etl_monitor.settings import Settings
from tests.support.eventually import eventually
from tests.support.object_store import Bucket, credentials, new_bucket
from tests.support.servers import Server
from tests.support.service_process import ROOT

LARGE = 100_000_000  # bytes


@pytest.fixture(scope="module")
def with_credentials(s3: Server) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in credentials(s3).items():
            patch.setenv(name, value)
        yield


@pytest.fixture
def bucket(s3: Server, with_credentials: None) -> Bucket:
    return new_bucket(s3)


@pytest.fixture(params=["data directory", "folder", "bucket"])
def folders(request: pytest.FixtureRequest, tmp_path: Path) -> Folders:
    url = None
    if request.param == "folder":
        (tmp_path / "shared").mkdir()
        url = f"file://{tmp_path}/shared"
    elif request.param == "bucket":
        url = request.getfixturevalue("bucket").url
    folders = Folders(root=tmp_path / "data", storage_url=url)
    folders.prepare()
    return folders


@pytest.fixture
def storage(folders: Folders) -> Storage:
    return folders.storage


@pytest.fixture
def source(folders: Folders) -> Path:
    return folders.incoming / "source"


def _put(storage: Storage, source: Path, name: str, content: bytes) -> None:
    source.write_bytes(content)
    storage.put(source, name)


def _read(storage: Storage, name: str) -> bytes:
    with storage.open(name) as file:
        return file.read()


class TestStorageContract:
    def test_a_file_moves_into_it_and_is_read(self, storage: Storage, source: Path) -> None:
        _put(storage, source, "uploads/a.csv", b"answers")
        assert _read(storage, "uploads/a.csv") == b"answers"
        assert storage.size("uploads/a.csv") == 7
        assert not source.exists()

    def test_a_file_replaces_another_of_its_name(self, storage: Storage, source: Path) -> None:
        for content in (b"old and long", b"new"):
            _put(storage, source, "results/a.parquet", content)
        assert _read(storage, "results/a.parquet") == b"new"

    @pytest.mark.parametrize("change", ["replaced", "removed", "moved"])
    def test_a_reader_is_not_disturbed(self, storage: Storage, source: Path, change: str) -> None:
        content = b"0123456789" * 300_000
        _put(storage, source, "results/a.parquet", content)
        with storage.open("results/a.parquet") as file:
            begin = file.read(10)
            if change == "replaced":
                _put(storage, source, "results/a.parquet", b"new")
            elif change == "removed":
                storage.remove("results/a.parquet")
            else:
                storage.move("results/a.parquet", "lost/then/results/a.parquet")
            assert begin + file.read() == content
            file.seek(-5, 2)
            assert file.read() == b"56789"

    def test_a_step_reads_a_file_by_its_path(
        self, storage: Storage, source: Path, tmp_path: Path
    ) -> None:
        _put(storage, source, "uploads/a.csv", b"answers")
        path = storage.fetch("uploads/a.csv", tmp_path / "copies")
        assert (path.name, path.read_bytes()) == ("a.csv", b"answers")

    def test_a_missing_file_is_named(self, storage: Storage, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            storage.open("results/a.parquet")
        with pytest.raises(FileNotFoundError):
            storage.fetch("results/a.parquet", tmp_path / "copies")
        with pytest.raises(FileNotFoundError):
            storage.move("results/a.parquet", "results/b.parquet")
        assert storage.size("results/a.parquet") is None
        storage.remove("results/a.parquet")

    def test_it_lists_what_is_there(self, storage: Storage, source: Path) -> None:
        assert storage.names("uploads") == storage.names_below("lost") == []
        names = ["uploads/b.csv", "uploads/a b+한%.csv", "results/c.parquet"]
        for name in names:
            _put(storage, source, name, name.encode())
        storage.move("uploads/b.csv", "lost/then/uploads/b.csv")
        assert storage.names("uploads") == ["uploads/a b+한%.csv"]
        assert storage.names("results") == ["results/c.parquet"]
        assert storage.names_below("lost") == ["lost/then/uploads/b.csv"]
        assert _read(storage, "lost/then/uploads/b.csv") == b"uploads/b.csv"

    def test_nothing_of_a_reader_stays_on_the_disk(
        self, storage: Storage, source: Path, folders: Folders
    ) -> None:
        _put(storage, source, "results/a.parquet", b"scores")
        assert _read(storage, "results/a.parquet") == b"scores"
        assert list(folders.incoming.iterdir()) == []


def test_odd_objects_do_not_take_a_listing_down(bucket: Bucket, tmp_path: Path) -> None:
    storage = Folders(root=tmp_path, storage_url=bucket.url).storage
    for name in (
        "uploads/",
        "uploads/a.csv",
        "uploads/x/y.csv",
        "uploads//z",
        "uploads/\t?#\u00e9",
    ):
        bucket.put(name, b"x")
    assert "uploads/a.csv" in storage.names("uploads")
    assert "uploads/x/y.csv" not in storage.names("uploads")
    assert "uploads/x/y.csv" in storage.names_below("uploads")
    bucket.put("results", b"an object where others have a folder")
    assert storage.names("results") == []


def test_orphans_in_a_bucket_are_not_looked_for_all_the_time(
    bucket: Bucket, tmp_path: Path
) -> None:
    """A listing costs requests; a round of the housekeeper shows by the mark that it writes."""
    folders = Folders(root=tmp_path, storage_url=bucket.url)
    folders.prepare()
    bucket.put("results/orphan.parquet", b"x")
    with open_database(folders, upgrade=True) as db:
        policy = retention.retention_policy(Settings())
        housekeeper = Housekeeper(db, folders, policy, interval=0.02)
        housekeeper.start()
        try:
            eventually(lambda: _is_there(bucket, MARK))
            assert bucket.names() == [MARK]
            bucket.put("results/orphan.parquet", b"x")
            for _ in range(2):
                folders.storage.remove(MARK)
                eventually(lambda: _is_there(bucket, MARK))
        finally:
            housekeeper.stop()
    assert bucket.names() == [MARK, "results/orphan.parquet"]
    assert housekeeper.removed["files"] == 1


def _is_there(bucket: Bucket, name: str) -> None:
    assert name in bucket.names()


def test_a_missing_bucket_is_named(s3: Server, with_credentials: None, tmp_path: Path) -> None:
    folders = Folders(root=tmp_path, storage_url="s3://no-such-bucket/files")
    with pytest.raises(storage_errors.StorageUnusable) as caught:
        folders.prepare()
    assert "s3://no-such-bucket/files cannot be used (its bucket does" in caught.value.message
    for operation in (folders.storage.check, lambda: folders.storage.names("uploads")):
        with pytest.raises(StorageUnavailable) as unavailable:
            operation()
        assert unavailable.value.reason == "bucket_missing"


def test_a_bucket_without_access_is_named(
    bucket: Bucket, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bucket.deny_all()
    folders = Folders(root=tmp_path, storage_url=bucket.url)
    with pytest.raises(storage_errors.StorageUnusable) as caught:
        folders.prepare()
    assert "(it denies access)" in caught.value.message
    with pytest.raises(StorageUnavailable) as unavailable:
        folders.storage.open("uploads/a.csv")
    assert unavailable.value.reason == "denied"
    folders.storage.remove("uploads/a.csv")
    assert caplog.messages[-1] == "file_not_removed"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/not-mounted"
    with pytest.raises(storage_errors.StorageUnusable) as caught:
        Folders(root=tmp_path / "data", storage_url=url).prepare()
    assert f"{url} cannot be used (No such file" in caught.value.message
    assert not (tmp_path / "not-mounted").exists()


def test_a_large_file_takes_little_memory(bucket: Bucket, tmp_path: Path) -> None:
    """In a process of its own, whose memory is measured before and after."""
    Folders(root=tmp_path, storage_url=bucket.url).prepare()
    with (tmp_path / "source").open("wb") as file:
        file.truncate(LARGE)
    program = f"""
import resource
from pathlib import Path
from etl_monitor.service.storage.data_dir import Folders
storage = Folders(root=Path({str(tmp_path)!r}), storage_url={bucket.url!r}).storage
storage.check()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
storage.put(Path({str(tmp_path / "source")!r}), "uploads/large")
with storage.open("uploads/large") as file:
    assert sum(map(len, iter(lambda: file.read(1 << 20), b""))) == {LARGE}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    grown = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert grown < LARGE * 0.7, f"{grown:,} bytes"


def test_the_default_install_loads_nothing_of_an_object_store(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; import etl_monitor.service.bootstrap; "
        "from etl_monitor.service.storage.data_dir import Folders; "
        f"Folders(root=Path({str(tmp_path)!r})).prepare(); "
        "print({'fsspec', 's3fs', 'botocore', 'aiohttp'} & sys.modules.keys())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "set()"


def test_a_missing_package_is_named(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['s3fs'] = None; from pathlib import Path; "
        "from etl_monitor.service.storage.data_dir import Folders; "
        f"Folders(root=Path({str(tmp_path)!r}), storage_url='s3://files/etl').prepare()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert "needs the package s3fs, which is not installed" in done.stderr
    assert "pip install 'etl-monitor[s3]'" in done.stderr
