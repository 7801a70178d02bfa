"""No known hole in what `requirements.txt` installs, wherever PyPI's advisories can be asked.

`make audit` asks for everything that the ranges of `requirements.txt` allow by now.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.portal_process import ROOT
from tests.support.scripted_server import Exchange, ScriptedServer, raw

PROBE = f"https://pypi.org/pypi/requests/{metadata.version('requests')}/json"
WITHIN = 20.0  # seconds; whoever takes longer cannot be asked


def wanted() -> Iterator[Requirement]:
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        if text := line.partition("#")[0].strip():
            yield Requirement(text)


def installed() -> dict[str, str]:
    """Name and version of everything that those need, and so on."""
    found: dict[str, str] = {}
    waiting = list(wanted())
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        one = waiting.pop()
        name, extras = canonicalize_name(one.name), frozenset(one.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        distribution = metadata.distribution(one.name)
        found[name] = distribution.version
        waiting += _needed(distribution, extras)
    return found


def _needed(distribution: metadata.Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for text in distribution.requires or ():
        one = Requirement(text)
        asked = [{"extra": extra} for extra in ("", *extras)]
        if one.marker is None or any(one.marker.evaluate(each) for each in asked):
            yield one


def audited(
    versions: dict[str, str], folder: Path, *options: str, within: float = WITHIN
) -> list[Any]:
    """What pip-audit says of each. Raises TimeoutExpired."""
    pinned = folder / "pinned.txt"
    pinned.write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
    how = ["--disable-pip", "--no-deps", "--progress-spinner=off", "--format=json", *options]
    command = [sys.executable, "-m", "pip_audit", *how, f"--requirement={pinned}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=within)
    assert done.stdout, done.stderr
    told: list[Any] = json.loads(done.stdout)["dependencies"]
    return told


def holes(told: list[Any]) -> list[str]:
    return [
        f"{one['name']} {one['version']}: {hole['id']}, fixed in {hole['fix_versions']}"
        for one in told
        for hole in one.get("vulns", ())
    ]


def why_it_cannot_be_asked() -> str:
    try:
        reply = requests.get(PROBE, timeout=5)
    except requests.RequestException as error:
        return type(error).__name__
    is_pypi = reply.ok and "vulnerabilities" in reply.text
    return "" if is_pypi else f"it answers {reply.status_code}"


def test_no_known_hole_in_what_is_installed(tmp_path: Path) -> None:
    """Also with `CI=true` it is left out where the network is closed."""
    if why := why_it_cannot_be_asked():
        pytest.skip(f"PyPI's advisories cannot be asked from here: {why}")
    try:
        told = audited(installed(), tmp_path)
    except subprocess.TimeoutExpired:
        pytest.skip(f"PyPI's advisories did not come within {WITHIN:g} s")
    assert holes(told) == []
    if unknown := [one["name"] for one in told if "skip_reason" in one]:
        pytest.skip(f"PyPI does not know these versions of {', '.join(unknown)}")


def test_a_hole_is_found(tmp_path: Path) -> None:
    """By an advisory service of our own, which knows one."""
    hole = {
        "id": "HOLE-1",
        "summary": "A hole.",
        "affected": [
            {
                "package": {"name": "requests", "ecosystem": "PyPI"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "99"}]}],
            }
        ],
    }

    def answer(exchange: Exchange) -> None:
        asked = json.loads(exchange.request.body)["package"]["name"]
        raw(json.dumps({"vulns": [hole]} if asked == "requests" else {}).encode())(exchange)

    versions = installed()
    with ScriptedServer() as server:
        server.on("/query", answer)
        how = ("--vulnerability-service=osv", f"--osv-url={server.address}/query")
        told = audited(versions, tmp_path, *how, within=120)
    assert holes(told) == [f"requests {versions['requests']}: HOLE-1, fixed in ['99']"]
    assert {one["name"] for one in told} == set(versions)
