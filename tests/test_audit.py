"""No known vulnerability in what `requirements.txt` installs, if PyPI's advisories are reachable.

`make audit` checks the newest versions that the ranges of `requirements.txt` allow.
"""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.runtime_packages import installed
from tests.support.scripted_server import Exchange, ScriptedServer, raw

PROBE = f"https://pypi.org/pypi/requests/{metadata.version('requests')}/json"
TIMEOUT = 20.0  # seconds; a slower network counts as unreachable


def installed_versions() -> dict[str, str]:
    return {name: distribution.version for name, distribution in installed().items()}


def audited(
    versions: dict[str, str], folder: Path, *options: str, timeout: float = TIMEOUT
) -> list[Any]:
    """Return the report of pip-audit on each package. Raises TimeoutExpired."""
    pinned = folder / "pinned.txt"
    pinned.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
    arguments = ["--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json", *options]
    command = [sys.executable, "-m", "pip_audit", *arguments, f"--requirement={pinned}"]
    completed = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    assert completed.stdout, completed.stderr
    packages: list[Any] = json.loads(completed.stdout)["dependencies"]
    return packages


def vulnerabilities(packages: list[Any]) -> list[str]:
    return [
        f"{package['name']} {package['version']}: {entry['id']}, fixed in {entry['fix_versions']}"
        for package in packages
        for entry in package.get("vulns", ())
    ]


def why_unreachable() -> str:
    try:
        reply = requests.get(PROBE, timeout=5)
    except requests.RequestException as error:
        return type(error).__name__
    is_pypi = reply.ok and "vulnerabilities" in reply.text
    return "" if is_pypi else f"it answers {reply.status_code}"


def test_the_installed_packages_have_no_known_vulnerability(tmp_path: Path) -> None:
    """The test is skipped without network, also with `CI=true`."""
    if reason := why_unreachable():
        pytest.skip(f"PyPI's advisories are not reachable: {reason}")
    try:
        packages = audited(installed_versions(), tmp_path)
    except subprocess.TimeoutExpired:
        pytest.skip(f"PyPI's advisories did not arrive within {TIMEOUT:g} s")
    assert vulnerabilities(packages) == []
    if unknown := [p["name"] for p in packages if "skip_reason" in p]:
        pytest.skip(f"PyPI does not know these versions of {', '.join(unknown)}")


def test_a_vulnerability_is_found(tmp_path: Path) -> None:
    """Use a fake advisory service that reports one."""
    advisory = {
        "id": "TEST-1",
        "summary": "A vulnerability.",
        "affected": [
            {
                "package": {"name": "requests", "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "99"}]}],
            }
        ],
    }

    def answer(exchange: Exchange) -> None:
        name = json.loads(exchange.request.body)["package"]["name"]
        raw(json.dumps({"vulns": [advisory]} if name == "requests" else {}).encode())(exchange)

    versions = installed_versions()
    with ScriptedServer() as server:
        server.on("/query", answer)
        options = ("--vulnerability-service=osv", f"--osv-url={server.address}/query")
        packages = audited(versions, tmp_path, *options, timeout=120)
    assert vulnerabilities(packages) == [
        f"requests {versions['requests']}: TEST-1, fixed in ['99']"
    ]
    assert {package["name"] for package in packages} == set(versions)
