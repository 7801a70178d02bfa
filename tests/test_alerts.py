"""The alerts for Prometheus and the dashboard for Grafana: they read metrics that exist, and each
alert is raised by its fault and by nothing else (docs/monitoring/alerts_test.yml)."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.needs import cannot
from tests.support.portal_process import ROOT

FOLDER = ROOT / "docs" / "monitoring"
METRICS = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
OF_ALL_PROGRAMS = {
    "up",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
    "process_max_fds",
}


def promtool(*arguments: str | Path) -> None:
    if shutil.which("promtool") is None:
        cannot("promtool is missing: apt-get install prometheus")
    done = subprocess.run(
        ["promtool", *map(str, arguments)], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def metrics_in(expression: str) -> set[str]:
    """Return the metrics that an expression reads, as docs/metrics.md names them."""
    names = re.findall(r"\b(etl_monitor_\w+|process_\w+|up)\b(?=[{\s\[)]|$)", expression)
    return {name.removesuffix("_bucket") for name in names}


def panels() -> list[dict[str, Any]]:
    board: dict[str, Any] = json.loads((FOLDER / "dashboard.json").read_text(encoding="utf-8"))
    return list(board["panels"])


def expressions() -> Iterator[str]:
    yield from (target["expr"] for panel in panels() for target in panel.get("targets", []))


def test_prometheus_accepts_the_alerts() -> None:
    promtool("check", "rules", "--lint-fatal", "alerts.yml")


def test_each_alert_is_raised_by_its_fault_alone() -> None:
    promtool("test", "rules", "alerts_test.yml")


def test_the_test_of_the_alerts_has_each_of_them() -> None:
    alerts = re.findall(r"alert: (\w+)", (FOLDER / "alerts.yml").read_text(encoding="utf-8"))
    test = (FOLDER / "alerts_test.yml").read_text(encoding="utf-8")
    assert alerts
    assert set(alerts) == set(re.findall(r'alertname="(\w+)"', test))


def test_prometheus_accepts_each_expression_of_the_dashboard(tmp_path: Path) -> None:
    rules = [{"record": f"r{n}", "expr": text} for n, text in enumerate(expressions())]
    path = tmp_path / "rules.json"  # JSON is YAML
    path.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    promtool("check", "rules", path)


@pytest.mark.parametrize("name", ["alerts.yml", "dashboard.json"])
def test_only_documented_metrics_are_used(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    found = metrics_in(text) if name == "alerts.yml" else metrics_in("\n".join(expressions()))
    assert len(found) > 10
    documented = set(re.findall(r"`(etl_monitor_\w+)`", METRICS))
    assert found - OF_ALL_PROGRAMS <= documented


def test_the_dashboards_panels_have_a_title_a_unit_and_a_place_of_their_own() -> None:
    shown = [panel for panel in panels() if panel["type"] != "row"]
    assert all(panel["title"] and panel["fieldConfig"]["defaults"]["unit"] for panel in shown)
    places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels()}
    assert len(places) == len(panels())
    assert len({panel["id"] for panel in panels()}) == len(panels())
