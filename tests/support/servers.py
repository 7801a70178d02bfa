"""PostgreSQL from Debian's package, in a folder of its own, on 127.0.0.1 only."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.support.eventually import eventually

_START = 60.0  # seconds


@dataclass(kw_only=True)
class Server:
    """A server process that a test may kill and start again; its data stay in the folder."""

    command: Sequence[str]
    folder: Path
    port: int
    user: str | None = None  # programs that refuse to run as root
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_as_user(self.user), *self.command],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        eventually(self._is_listening, within=_START)

    def kill(self) -> None:
        """Kill the server with all its processes, as `kill -9` does."""
        if self.process is not None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
            self.process = None

    def _is_listening(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "server.log").read_text("utf-8")
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running_postgres() -> Iterator[Server]:
    """Start PostgreSQL with an empty cluster; its superuser is `postgres`, without a password."""
    user = "postgres" if os.getuid() == 0 else None
    with _folder("postgres", user) as folder:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        initdb = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*_as_user(user), *initdb, *options], check=True, capture_output=True)
        port = free_port()
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-k", str(folder), "-c", "fsync=off"]
        command += ["-c", "max_connections=300"]
        with _running(Server(command=command, folder=folder, port=port, user=user)) as server:
            eventually(lambda: _accepts_queries(server), within=_START)
            yield server


def _accepts_queries(server: Server) -> None:
    try:
        psycopg.connect(postgres_address(server)).close()
    except psycopg.OperationalError as error:
        raise AssertionError(str(error)) from None


def new_database(server: Server, template: str = "template1") -> str:
    """Return the URL of a new database, a copy of `template`, which is empty by default."""
    name = f"etl_{os.urandom(6).hex()}"
    with psycopg.connect(postgres_address(server), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/{name}"


def postgres_address(server: Server) -> str:
    return f"postgresql://postgres@127.0.0.1:{server.port}/postgres"


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def _folder(name: str, user: str | None = None) -> Iterator[Path]:
    """A folder below /tmp, since the path of a socket in it must be short."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-"))
    if user is not None:
        shutil.chown(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(user: str | None) -> Sequence[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
