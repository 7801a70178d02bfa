"""Real servers from Debian's packages, each in a folder of its own, on 127.0.0.1 only."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg

from tests.support.eventually import eventually
from tests.support.lives import all_gone
from tests.support.needs import cannot

_START = 180.0  # seconds, on a busy machine


@dataclass(kw_only=True)
class Server:
    """A server process that a test may kill and start again; its data stay in the folder."""

    name: str
    command: Sequence[str]
    folder: Path
    port: int
    user: str | None = None  # programs that refuse to run as root
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_as_user(self.user), *self.command],
                stdout=log,
                stderr=log,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        eventually(self._is_listening, within=_START)

    def kill(self) -> None:
        """Kill the server with all its processes, as `kill -9` does."""
        if self.process is None:
            return
        # Those of PostgreSQL lead groups of their own, and a new server waits for none of them.
        children: list[psutil.Process] = []
        with suppress(psutil.NoSuchProcess, ProcessLookupError):  # it has ended by itself
            children = psutil.Process(self.process.pid).children(recursive=True)
            os.killpg(self.process.pid, 9)
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        self.process.wait()
        eventually(lambda: all_gone(children), within=_START)
        self.process = None

    def _is_listening(self) -> None:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "server.log").read_text("utf-8")
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def running_postgres(disk: Path | None = None) -> Iterator[Server]:
    """Start PostgreSQL with an empty cluster; its superuser is `postgres`, without a password.
    `disk`: a folder for its data, which every account may enter."""
    user = "postgres" if os.getuid() == 0 else None
    with folder_of_server("postgres", user, disk) as folder:
        programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        initdb = [str(programs / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*_as_user(user), *initdb, *options], check=True, capture_output=True)
        port = free_port()
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        command += ["-c", "listen_addresses=127.0.0.1", "-k", str(folder), "-c", "fsync=off"]
        command += ["-c", "max_connections=300"]
        if disk is not None:  # its log of transactions stays small as well
            command += ["-c", "min_wal_size=32MB", "-c", "max_wal_size=32MB"]
        with running(
            Server(name="postgres", command=command, folder=folder, port=port, user=user)
        ) as server:
            eventually(lambda: _accepts_queries(server), within=_START)
            yield server


def restart_postgres(server: Server) -> None:
    """Kill PostgreSQL and start it again."""
    server.kill()
    server.start()
    eventually(lambda: _accepts_queries(server), within=_START)


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


@contextmanager
def running_redis() -> Iterator[Server]:
    if shutil.which("redis-server") is None:
        cannot("no Redis: bash tests/prepare-machine")
    with folder_of_server("redis") as folder:
        port = free_port()
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--dir", str(folder), "--appendonly", "yes"]
        with running(Server(name="redis", command=command, folder=folder, port=port)) as server:
            yield server


@contextmanager
def running_rabbitmq() -> Iterator[Server]:
    """Start RabbitMQ; its user is `guest` with the password `guest`."""
    if not Path("/usr/lib/rabbitmq").exists():
        cannot("no RabbitMQ: bash tests/prepare-machine")
    user = "rabbitmq" if os.getuid() == 0 else None
    with folder_of_server("rabbitmq", user) as folder:
        port, names = free_port(), free_port()
        environment = {
            "HOME": str(folder),
            "RABBITMQ_NODENAME": f"etl{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 -kernel inet_dist_use_interface"
            " {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(names),
        }
        server = Server(
            name="rabbitmq",
            command=[_rabbitmq_program()],
            folder=folder,
            port=port,
            user=user,
            environment=environment,
        )
        # Erlang's register of names, which RabbitMQ would start as a daemon.
        command = ["epmd", "-port", str(names), "-address", "127.0.0.1"]
        with (
            running(Server(name="epmd", command=command, folder=folder, port=names)),
            running(server),
        ):
            yield server


def _rabbitmq_program() -> str:
    """Return the script that the package's own wrapper calls; the wrapper insists on its user."""
    (program,) = Path("/usr/lib/rabbitmq").glob("lib/*/sbin/rabbitmq-server")
    return str(program)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextmanager
def folder_of_server(
    name: str, user: str | None = None, disk: Path | None = None
) -> Iterator[Path]:
    """A folder below /tmp or on `disk`, since the path of a socket in it must be short."""
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=disk))
    if user is not None:
        shutil.chown(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_user(user: str | None) -> Sequence[str]:
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
