"""The files that docs/deploying.md shows can be used as they are."""

import configparser
import re
from pathlib import Path

import pytest

from etl_monitor import settings
from etl_monitor.service import start as service
from tests.support.installation import WORKER_ARGUMENTS

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "deploying.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)


def environment_files() -> list[dict[str, str]]:
    """As systemd reads them: a comment is a line of its own, so all after `=` is the value."""
    files = [block.splitlines() for block in blocks("sh") if re.match(r"(#.*\n)*ETL_", block)]
    return [dict(line.split("=", 1) for line in f if not line.startswith("#")) for f in files]


def units() -> list[configparser.ConfigParser]:
    found = []
    for block in blocks("ini"):
        found.append(configparser.ConfigParser(interpolation=None))
        found[-1].read_string(block)
    return found


@pytest.mark.parametrize(
    "document", [*sorted(ROOT.glob("docs/*.md")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_every_variable_that_is_named_is_a_setting(document: Path) -> None:
    named = set(re.findall(r"ETL_MONITOR_([A-Z_]*[A-Z])\b", document.read_text("utf-8")))
    known = {name.upper() for name in settings.Settings.model_fields}
    assert named - known == set()


FILES = ["service", "portal", "limits", "worker"]


@pytest.mark.parametrize("given", environment_files(), ids=FILES)
def test_the_settings_load(given: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    loaded = settings.load()
    assert loaded.api_token or loaded.broker_url or loaded.kind_limits
    assert not [value for value in given.values() if "#" in value]


def test_the_units_start_our_programs() -> None:
    of_service, of_portal, of_worker = (unit["Service"] for unit in units())
    python, _, module, *arguments = of_service["ExecStart"].split()
    assert (python, module) == ("/opt/etl-monitor/.venv/bin/python", "etl_monitor.service")
    parsed = service._parser().parse_args(arguments)
    assert (parsed.host, parsed.port) == ("127.0.0.1", 8000)
    assert of_service["RestartPreventExitStatus"] == str(service.CANNOT_START)
    assert of_portal["ExecStart"].split()[1:3] == ["run", "app.py"]
    assert (ROOT / "app.py").exists()
    celery, *arguments = of_worker["ExecStart"].split()
    assert celery == "/opt/etl-monitor/.venv/bin/celery"
    assert arguments == [*WORKER_ARGUMENTS]
    assert of_worker["RestartPreventExitStatus"] == str(service.CANNOT_START)
    assert of_service["LimitNOFILE"] == of_portal["LimitNOFILE"] == "65536"
