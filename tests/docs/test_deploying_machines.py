"""From a laptop's data to two machines, by the commands of docs/deploying.md.

Root runs them as they stand there, on machines with systemd that are thrown away. Only addresses,
ports and secrets are others. Both machines have one data directory, as by NFS. The first one is
installed; the second gets a copy of its program, as from an image.
"""

import json
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from etl_monitor.pipeline.samples.files import SAMPLES, write_sample
from etl_monitor.version import VERSION
from tests.docs.guide import Guide
from tests.docs.test_deploying_commands import MACHINES, PASSWORD_TWICE, TRIED, commands
from tests.support.eventually import eventually
from tests.support.machine import WITHOUT_SYSTEMD, Machine, running_machine
from tests.support.needs import cannot
from tests.support.repository import commit, make_repository
from tests.support.servers import Server, free_port, running_postgres, running_redis
from tests.support.service_process import ROOT, running_service

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]  # installs the program

_SECRETS = re.compile(r"```toml\n( *\[auth\]\n.*?)```", re.S)
_HERE = tuple(start for start, test in TRIED.items() if test == MACHINES)
_SAMPLE = min(SAMPLES, key=lambda sample: sample.respondents)
_DATABASE = "postgresql+psycopg://etl:PASSWORD@db.example.com/etl"
_BROKER = "redis://:PASSWORD@mq.example.com:6379/0"
_START = 120.0  # seconds, on a busy machine
_PAUSE = 0.3  # seconds between two looks at a machine: each starts a process there


@dataclass(kw_only=True)
class Deployment:
    """The first machine has service and portal, the second a worker."""

    folder: Path
    guide: Guide
    one: Machine
    two: Machine
    token: str = field(default_factory=secrets.token_urlsafe)
    settings: list[str] = field(default_factory=list)  # of the service, besides the documented ones

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Return the data of a reply of the service."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = self.guide.ours(f"http://127.0.0.1:8000{path}")
        reply = requests.request(method, url, headers=headers, timeout=30, **options).json()
        assert reply["success"], reply
        return reply["data"]

    def is_back(self) -> None:
        """Wait until the service answers, and knows the laptop's test."""

        def knows_it() -> None:
            try:
                tests = self.call("GET", "/tests/results")
            except requests.RequestException:
                raise AssertionError(self.one.journal()) from None
            assert "On the laptop" in [test["title"] for test in tests]

        eventually(knows_it, within=_START, every=_PAUSE)

    def add_settings(self, *lines: str) -> None:
        """Add lines to the environment file of the service."""
        self.settings += lines
        self.guide.write(self.one, "/etc/etl-monitor/service.env", *self.settings, token=self.token)

    def job_completes(self, title: str) -> Any:
        test = self.call("POST", "/tests/results", **_upload(self.folder, title))

        def is_completed() -> Any:
            now = self.call("GET", f"/tests/results/{test['id']}")
            assert now["status"] == "completed", (now, self.one.journal(), self.two.journal())
            return now

        return eventually(is_completed, within=_START, every=_PAUSE)

    def publish(self, version: str) -> None:
        """Commit a new version, which `git pull` fetches."""
        repository = self.folder / "shared" / "etl-monitor"
        file = repository / "etl_monitor/version.py"
        file.write_text(re.sub(r'".*"$', f'"{version}"', file.read_text("utf-8")), "utf-8")
        commit(repository)

    def runs(self, version: str) -> None:
        """All programs run in this version, and the second machine runs a job."""
        assert self.call("GET", "/system")["version"] == version
        for machine, event in ((self.one, "portal_started"), (self.two, "worker_ready")):
            has_started = partial(_has_started, machine, event, version)
            eventually(has_started, within=_START, every=_PAUSE)
        test = self.job_completes(f"With {version}")
        assert _last(self.two, "job_finished")["job_id"] == test["lastJob"]["jobId"]


def _has_started(machine: Machine, event: str, version: str) -> None:
    assert _last(machine, event)["version"] == version, machine.journal()


def _last(machine: Machine, event: str) -> Any:
    """Return the last line of our units' logs with this event."""
    log = machine.run("journalctl -u 'etl-*' -o cat --no-pager")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    found = [line for line in lines if line["event"] == event]
    assert found, machine.journal()
    return found[-1]


@pytest.fixture
def folder() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix="machines-"))
    yield found
    shutil.rmtree(found)


def test_from_a_laptop_to_two_machines(folder: Path) -> None:
    shared, data = folder / "shared", folder / "data"
    shared.mkdir()
    data.mkdir()
    mounts = {shared: "/srv", data: "/var/lib/etl-monitor"}
    with (
        running_machine(folder, "one", mounts) as one,
        running_machine(folder, "two", mounts) as two,
        running_postgres() as postgres,
        running_redis() as redis,
    ):
        _packages_can_be_installed(one, folder)
        make_repository(shared / "etl-monitor")
        _use_a_laptop(folder, shared / "laptop.tar")
        guide = Guide(places=_places(postgres, redis))
        deployment = Deployment(folder=folder, guide=guide, one=one, two=two)
        _install(deployment)
        _start_service_and_portal(deployment)
        _bring_the_laptops_data(deployment)
        _move_to_postgres(deployment)
        _add_a_worker(deployment)
        _upgrade_one_after_another(deployment)
        _upgrade_all(deployment)
        _install_extras(deployment)
    documented = [command for command in commands() if command.startswith(_HERE)]
    assert [command for command in documented if command not in guide.tried] == []


def _places(postgres: Server, redis: Server) -> dict[str, str]:
    """Return what stands in the document, and what we have in its place."""
    service, portal = free_port(), free_port()
    return {
        "<this repository>": "/srv/etl-monitor",
        "127.0.0.1:8000": f"127.0.0.1:{service}",
        "--port 8000": f"--port {service}",
        "127.0.0.1:8501": f"127.0.0.1:{portal}",
        "--server.port 8501": f"--server.port {portal}",
        "etl:PASSWORD@db.example.com": f"etl:PASSWORD@127.0.0.1:{postgres.port}",
        ":PASSWORD@mq.example.com:6379": f"127.0.0.1:{redis.port}",
        "createuser": f"createuser -h 127.0.0.1 -p {postgres.port} -U postgres",
        "createdb": f"createdb -h 127.0.0.1 -p {postgres.port} -U postgres",
    }


def _packages_can_be_installed(machine: Machine, folder: Path) -> None:
    can = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    if machine.attempt(f'python3 -c "{can}"').returncode != 0:
        cannot("root has no Python 3.11 with venv", shown_by=WITHOUT_SYSTEMD)
    download = [sys.executable, "-m", "pip", "download", "--no-deps", "immutables"]
    done = subprocess.run(download, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:  # the machine has the network of this one
        cannot(f"packages cannot be installed: {done.stderr[-500:]}", shown_by=WITHOUT_SYSTEMD)


def _use_a_laptop(folder: Path, backup: Path) -> None:
    """Process a test on this machine, and back up its data."""
    with running_service(folder / "laptop") as laptop:
        test = laptop.data("POST", "/tests/results", **_upload(folder, "On the laptop"))
        path = f"/tests/results/{test['id']}"
        eventually(lambda: _is_completed(laptop.data("GET", path)), within=_START)
    command = [sys.executable, "-m", "etl_monitor.service", "backup", str(backup)]
    options = ["--data-dir", str(folder / "laptop")]
    subprocess.run([*command, *options], cwd=ROOT, check=True, capture_output=True)


def _is_completed(test: Any) -> Any:
    assert test["status"] == "completed", test
    return test


def _upload(folder: Path, title: str) -> dict[str, Any]:
    file = folder / f"answers{_SAMPLE.suffix}"
    write_sample(_SAMPLE, file)
    form = {"testKind": _SAMPLE.test_kind, "userId": "kim", "title": title}
    return {"data": form, "files": {"file": (file.name, file.read_bytes())}}


def _install(on: Deployment) -> None:
    on.guide.follow_block(on.one, "git clone ")
    # The units' accounts may not write compiled modules, and each start would compile them again.
    on.one.run("cd /opt/etl-monitor && .venv/bin/python -m compileall -q etl_monitor")


def _install_a_copy(on: Deployment) -> None:
    """Give the second machine what the first one has installed, and accounts of its own."""
    on.two.copy_from(on.one, "/opt/etl-monitor")
    of_the_machine = ("useradd ", "install ")
    lines = on.guide.lines("git clone ")
    on.guide.follow(on.two, *[line for line in lines if line.startswith(of_the_machine)])


def _start_service_and_portal(on: Deployment) -> None:
    on.add_settings()
    on.guide.write(on.one, "/etc/systemd/system/etl-service.service")
    health = on.guide.follow_block(on.one, "enable --now etl-service")
    assert '"status":"ok"' in health
    tokens = on.guide.follow_block(on.one, "token list")
    assert "nightly-import" in tokens
    on.guide.write(on.one, "/etc/etl-monitor/portal.env", token=tokens.splitlines()[0].split()[-1])
    on.guide.write(on.one, "/etc/systemd/system/etl-portal.service")
    (toml,) = _SECRETS.findall((ROOT / "docs/security.md").read_text("utf-8"))
    file, options = "/opt/etl-monitor/.streamlit/secrets.toml", "-m 600 -o etl-portal"
    on.one.write(file, toml.replace("…", secrets.token_urlsafe()), options)
    assert '"status":"ok"' in on.guide.follow_block(on.one, "enable --now etl-portal")
    eventually(lambda: _portal_is_live(on), within=_START, every=_PAUSE)
    state = on.guide.follow_block(on.one, "/readyz", TOKEN=on.token)
    assert '"ready":true' in state
    log = on.guide.follow(on.one, "journalctl -u etl-service -u etl-portal")
    assert ('"listening"' in log, '"portal_started"' in log) == (True, True)


def _portal_is_live(on: Deployment) -> None:
    reply = requests.get(on.guide.ours("http://127.0.0.1:8501/healthz"), timeout=10).json()
    assert reply == {"status": "ok", "connection": "live"}, on.one.journal()


def _bring_the_laptops_data(on: Deployment) -> None:
    on.one.run("install -d -o etl -m 700 /var/backups/etl-monitor")
    on.one.run("install -o etl -m 600 /srv/laptop.tar /var/backups/etl-monitor/today.tar")
    on.guide.follow_block(on.one, "service restore ")
    on.is_back()
    assert "1 tests" in on.guide.follow_block(on.one, "service backup ")
    on.job_completes("On one machine")


def _move_to_postgres(on: Deployment) -> None:
    on.guide.follow(on.one, ".venv/bin/pip install '.[postgres]'")
    on.guide.follow(on.one, "createuser --pwprompt etl", typed=PASSWORD_TWICE)
    on.guide.follow(on.one, "createdb --owner=etl --encoding=UTF8 etl")
    on.guide.follow_block(on.one, "service migrate-to ")
    on.add_settings(f"ETL_MONITOR_DATABASE_URL={on.guide.ours(_DATABASE)}")
    on.guide.follow(on.one, "systemctl start etl-service")
    on.is_back()
    on.one.run("mv /var/backups/etl-monitor/today.tar /var/backups/etl-monitor/before.tar")
    setting = "set -a; . /etc/etl-monitor/service.env; set +a"
    on.guide.tried.add(setting)
    (backup,) = [command for command in commands() if "service backup " in command]
    assert "2 tests" in on.guide.follow(on.one, setting, backup)


def _add_a_worker(on: Deployment) -> None:
    on.guide.follow(on.one, ".venv/bin/pip install '.[postgres,celery]'")
    on.add_settings(f"ETL_MONITOR_BROKER_URL={on.guide.ours(_BROKER)}")
    on.guide.follow(on.one, "systemctl stop etl-service", "systemctl start etl-service")
    _install_a_copy(on)
    on.guide.write(on.two, "/etc/etl-monitor/worker.env")
    on.guide.write(on.two, "/etc/systemd/system/etl-worker.service")
    on.guide.follow(on.two, "systemctl enable --now etl-worker")
    on.is_back()
    on.runs(VERSION)


def _upgrade_one_after_another(on: Deployment) -> None:
    on.publish("9.9.8")
    update, *restarts = on.guide.lines("git pull && ")
    # The second machine has the same requirements.
    for machine, install, units in (
        (on.one, update, ("service", "portal")),
        (on.two, "git pull", ("worker",)),
    ):
        on.guide.follow(machine, install)
        on.guide.follow(machine, *[each for each in restarts if each.endswith(units)])
    on.is_back()
    on.runs("9.9.8")


def _upgrade_all(on: Deployment) -> None:
    on.publish("9.9.9")
    on.guide.follow(on.two, "systemctl stop etl-worker")
    on.guide.follow(on.one, "systemctl stop etl-portal etl-service")
    on.guide.follow(on.one, "git pull", ".venv/bin/pip install -r requirements.txt")
    on.guide.follow(on.two, "git pull")
    on.guide.follow(on.one, "systemctl start etl-service etl-portal")
    on.is_back()
    on.guide.follow(on.two, "systemctl start etl-worker")
    on.runs("9.9.9")


def _install_extras(on: Deployment) -> None:
    for extra in ("'.[s3]'", "'.[tracing]'", "flower"):
        on.guide.follow(on.one, f".venv/bin/pip install {extra}")
