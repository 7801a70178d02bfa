"""An OpenID Connect provider in a process of its own, with people."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.support.eventually import eventually
from tests.support.portal_process import free_port

CLIENT_ID, CLIENT_SECRET = "etl-monitor", "client-secret-that-must-stay-secret"
COOKIE_SECRET = "a-cookie-secret-that-must-stay-secret"


@contextmanager
def running_provider(folder: Path, *people: Mapping[str, Any]) -> Iterator[str]:
    """Run a provider and yield its address. `people`: claims, each with a `sub`."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", f"--port={port}"]
    for person in people:
        command += ["--user-claims", json.dumps(person)]
    with (folder / "provider.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(address), within=180)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=60)


def secrets_file(folder: Path, provider: str, *, portal: str = "http://127.0.0.1:{port}/") -> Path:
    """Write a `secrets.toml` for the portal that browsers find at this address, by default on any
    port; return its path."""
    path = folder / "secrets.toml"
    path.write_text(
        f"""
        [auth]
        redirect_uri = "{portal}oauth2callback"
        cookie_secret = "{COOKIE_SECRET}"
        client_id = "{CLIENT_ID}"
        client_secret = "{CLIENT_SECRET}"
        server_metadata_url = "{provider}/.well-known/openid-configuration"
        """,
        encoding="utf-8",
    )
    return path


def _answers(address: str) -> None:
    try:
        reply = requests.get(f"{address}/.well-known/openid-configuration", timeout=2)
    except requests.ConnectionError as error:
        raise AssertionError("not yet") from error
    assert reply.status_code == 200
