"""From a laptop's data to workers of Celery, by the commands of docs/deploying.md.

They run as they stand there, except for places: the program is this checkout, the data are in a
temporary folder, and this account is used instead of `runuser -u etl`. Machines with systemd, on
which nothing has to differ, are in test_deploying_machines.py.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.test_deploying import DOCUMENT, blocks
from tests.support.certificates import new_authority
from tests.support.installation import Installation
from tests.support.named_tests import is_there
from tests.support.needs import cannot
from tests.support.nginx import tls_configuration
from tests.support.people import Person
from tests.support.scripted import SETTING
from tests.support.servers import free_port, running_postgres, running_redis
from tests.support.service_process import ROOT, RunningService, running_service

PASSWORD_TWICE = "PASSWORD\nPASSWORD\n"
_SETTINGS = re.compile(r"(\s*#.*\n)*\s*[A-Z_]+=")  # a block with the lines of an environment file
_PROGRAM = (
    r"(?:systemctl|journalctl|create(?:user|db)|python|\.venv/bin/\w+|git|celery|promtool|set) "
)

MACHINES = "docs/test_deploying_machines.py::test_from_a_laptop_to_two_machines"
TRIED = {
    "git ": MACHINES,
    "cd ": MACHINES,
    "python3 -m venv ": MACHINES,
    ".venv/bin/pip ": MACHINES,
    "useradd ": MACHINES,
    "install ": MACHINES,
    "systemctl ": MACHINES,
    "journalctl ": MACHINES,
    "curl ": MACHINES,
    "token": MACHINES,
    "runuser ": MACHINES,
    "createuser ": MACHINES,
    "createdb ": MACHINES,
    "set -a; ": MACHINES,
    "python -m etl_monitor.service adopt": (
        "service/operations/test_backup.py::test_lost_files_are_taken_in_again"
    ),
    "python -m etl_monitor.service copy-files ": (
        "service/test_on_object_storage.py::test_a_laptops_files_are_copied_to_a_bucket_and_back"
    ),
    "celery -A etl_monitor.service.engines.celery worker -Q ": (
        "service/engines/test_contract.py::test_a_stop_hands_jobs_back_until_a_worker_of_their_queue_starts"
    ),
    ".venv/bin/celery -A etl_monitor.service.engines.celery flower ": (
        "service/engines/test_contract.py::test_flower_shows_each_task_with_its_job"
    ),
    "promtool test rules ": ("test_alerts.py::test_each_alert_is_raised_by_its_fault_alone"),
}


def commands() -> list[str]:
    """Return every command of the document, in blocks and in sentences."""
    lines = [
        line for block in blocks("sh") if not _SETTINGS.match(block) for line in lines_of(block)
    ]
    prose = re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)
    inline = [" ".join(code.split()) for code in re.findall(r"`([^`]+)`", prose)]
    return [*lines, *(code for code in inline if re.match(_PROGRAM, code))]


def lines_of(block: str) -> list[str]:
    return [re.sub(r"\s+# .*", "", line.strip()) for line in block.strip().splitlines()]


def test_each_command_is_tried() -> None:
    assert len(commands()) > 30
    assert [command for command in commands() if not command.startswith((*TRIED,))] == []
    assert [start for start in TRIED if not any(c.startswith(start) for c in commands())] == []


@pytest.mark.parametrize("test", sorted(set(TRIED.values())))
def test_the_test_that_tries_it_is_there(test: str) -> None:
    assert is_there(*test.split("::"))


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    texts = [block.replace("/opt/etl-monitor", str(ROOT)) for block in blocks("ini")]
    files = [tmp_path / f"etl-{name}.service" for name in ("service", "portal", "worker")]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, "utf-8")
    verify = ["systemd-analyze", "verify", *map(str, files)]
    try:
        verified = subprocess.run(verify, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        cannot("no systemd-analyze on this machine (apt-get install systemd)")
    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


@pytest.mark.parametrize("documented", blocks("nginx"), ids=["one machine", "several services"])
def test_nginx_accepts_the_files(documented: str, tmp_path: Path) -> None:
    """With certificates for the documented names, and a port that needs no rights."""
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        cannot("no nginx on this machine (apt-get install nginx-light)")
    authority = new_authority(tmp_path)
    for name in ("portal.example.com", "etl.example.com"):
        authority.issue(name)
    portal, service, *ports = [free_port() for _ in range(5)]
    text = tls_configuration(documented, tmp_path, portal=portal, service=service, ports=ports)
    file, log = tmp_path / "nginx.conf", tmp_path / "error.log"
    frame = f"pid {tmp_path}/nginx.pid; events {{}} http {{ access_log off;\n{text}\n}}"
    file.write_text(frame, "utf-8")
    test = [nginx, "-t", "-c", str(file), "-e", str(log)]
    tested = subprocess.run(test, capture_output=True, text=True, check=False)
    assert (tested.returncode, "[warn]" in tested.stderr) == (0, False), tested.stderr


def _run(command: str, data_dir: Path, **environment: str) -> str:
    """Run a documented command. Returns what it prints."""
    places = {
        "runuser -u etl -- ": "",
        "/opt/etl-monitor": str(ROOT),
        "/var/lib/etl-monitor": str(data_dir),
        "/var/backups/etl-monitor": str(data_dir.parent),
        ".venv/bin/python": sys.executable,
    }
    for documented, ours in places.items():
        command = command.replace(documented, ours)
    ended = subprocess.run(
        ["bash", "-ec", command],
        cwd=ROOT,
        env={**_inherited(), **environment},
        capture_output=True,
        input=PASSWORD_TWICE,
        text=True,
        check=False,
        timeout=300,
        start_new_session=True,  # no terminal that a password could be asked on
    )
    assert ended.returncode == 0, (command, ended.stderr)
    return ended.stdout


def _inherited() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if "ETL_MONITOR" not in name}


def documented(start: str) -> str:
    """Return the first command that begins like this."""
    return next(command for command in commands() if command.startswith(start))


def _curl(start: str, service: RunningService, **environment: str) -> str:
    command = documented(start).replace("http://127.0.0.1:8000", service.base_url)
    return _run(command, service.data_dir, **environment)


@pytest.mark.long
def test_from_a_laptop_to_workers_of_celery(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running_service(data_dir, env=SETTING) as service:
        kim = Person(service=service, user_id="kim", folder=tmp_path)
        test = kim.processed()
        assert '"status":"ok"' in _curl("curl --retry", service)
        token, tokens = _tokens(data_dir)
        assert ("portal" in tokens, "nightly-import" in tokens) == (True, True)
        assert '"ready":true' in _curl("curl -sS -H", service, TOKEN=token)
        backup = "runuser -u etl -- .venv/bin/python -m etl_monitor.service backup"
        _run(documented(backup), data_dir)
        kim.processed(title="After the backup")
    _run(documented(backup.replace("backup", "restore")), data_dir)
    with running_postgres() as postgres, running_redis() as redis:
        address = f"etl:PASSWORD@127.0.0.1:{postgres.port}/etl"
        server = {"PGHOST": "127.0.0.1", "PGPORT": str(postgres.port), "PGUSER": "postgres"}
        for start in ("createuser", "createdb"):
            _run(documented(start), data_dir, **server)
        migrate = documented(backup.replace("backup", "migrate-to"))
        _run(migrate.replace("etl:PASSWORD@db.example.com/etl", address), data_dir)
        setting = {
            "ETL_MONITOR_DATABASE_URL": f"postgresql+psycopg://{address}",
            "ETL_MONITOR_BROKER_URL": f"redis://127.0.0.1:{redis.port}/0",
        }
        with Installation(tmp_path, setting) as installation:
            kim = installation.person("kim")
            assert kim.test(test["id"])["documents"] == test["documents"]
            assert len(installation.service.data("GET", "/tests/results")) == 1
            assert kim.processed(title="On Celery")["status"] == "completed"


def _tokens(data_dir: Path) -> tuple[str, str]:
    """Run the block with the tokens as a whole. Returns the portal's token, and all the output."""
    (block,) = [block for block in blocks("sh") if "token()" in block]
    output = _run(block, data_dir)
    return output.splitlines()[0], output
