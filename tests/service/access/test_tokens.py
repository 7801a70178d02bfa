"""Tokens: added, listed and revoked by command while the service runs; stored as hashes."""

import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
import requests

from etl_monitor.errors import BadRequest, Conflict, NotFound
from etl_monitor.service.access import tokens
from etl_monitor.service.storage.data_dir import Folders
from etl_monitor.service.storage.database import Database
from etl_monitor.service.storage.open import open_database
from etl_monitor.wire.roles import Role
from tests.support.eventually import eventually
from tests.support.service_process import ROOT, RunningService, running_service

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def run_command(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "etl_monitor.service",
            "token",
            *arguments,
            f"--data-dir={data_dir}",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def add_token(data_dir: Path, name: str, role: str) -> str:
    done = run_command(data_dir, "add", name, "--role", role)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def status(service: RunningService, token: str, path: str = "/me") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(service.base_url + path, headers=headers, timeout=60).status_code


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service in which a token has a limit of feeds. Each test counts those of its own token."""
    settings = {"ETL_MONITOR_FEEDS_PER_TOKEN": "3", "ETL_MONITOR_FEED_HEARTBEAT": "1"}
    with running_service(tmp_path_factory.mktemp("limited") / "data", env=settings) as service:
        yield service


@pytest.fixture
def owned(limited: RunningService, request: pytest.FixtureRequest) -> RunningService:
    """The service, called with a token of this test."""
    with open_database(Folders(root=limited.data_dir)) as db, db.writing() as tx:
        return replace(limited, token=tokens.add(tx, request.node.name, Role.VIEWER))


def test_a_token_identifies_its_owner(db: Database) -> None:
    with db.writing() as tx:
        token = tokens.add(tx, "김민지", Role.OPERATOR)
        other = tokens.add(tx, "portal", Role.PORTAL)
    stored = tokens.StoredTokens(db)
    kim, portal = stored.owner(token), stored.owner(other)
    assert kim is not None
    assert (kim.name, kim.role, kim.may_act_for_others) == ("김민지", Role.OPERATOR, False)
    assert portal is not None
    assert portal.may_act_for_others


def test_similar_texts_are_not_the_token(db: Database) -> None:
    with db.writing() as tx:
        token = tokens.add(tx, "kim", Role.VIEWER)
    stored = tokens.StoredTokens(db)
    end = "A" if token[-1] != "A" else "B"
    changed = [token[:-1] + end, token + "A", token[:-1], token.upper(), f" {token}", ""]
    assert [stored.owner(text) for text in changed] == [None] * len(changed)
    assert stored.owner(f"etl_{'0' * 16}_{'A' * 43}") is None


def test_a_revoked_token_has_no_owner_and_its_name_is_free(db: Database) -> None:
    with db.writing() as tx:
        token = tokens.add(tx, "kim", Role.VIEWER)
    with db.writing() as tx:
        tokens.revoke(tx, "kim")
    stored = tokens.StoredTokens(db)
    assert stored.owner(token) is None
    with db.writing() as tx:
        tokens.add(tx, "kim", Role.ADMIN)
        records = [(r.name, r.role, r.revoked_at is None) for r in tokens.records(tx)]
    assert records == [("kim", Role.VIEWER, False), ("kim", Role.ADMIN, True)]


def test_a_name_has_only_one_valid_token(db: Database) -> None:
    with db.writing() as tx:
        tokens.add(tx, "kim", Role.VIEWER)
        with pytest.raises(Conflict):
            tokens.add(tx, "kim", Role.ADMIN)
        with pytest.raises(NotFound):
            tokens.revoke(tx, "lee")


@pytest.mark.parametrize("name", ["", " kim", "a\nb", "x" * 101, "admin", "system"])
def test_invalid_names(db: Database, name: str) -> None:
    with db.writing() as tx, pytest.raises(BadRequest):
        tokens.add(tx, name, Role.VIEWER)


@pytest.mark.long
def test_a_token_is_added_listed_and_revoked_while_the_service_runs(tmp_path: Path) -> None:
    settings = {"ETL_MONITOR_FEED_HEARTBEAT": "1"}
    with running_service(tmp_path / "data", env=settings) as service:
        token = add_token(service.data_dir, "kim", "viewer")
        assert status(service, token) == 200
        assert status(service, token, f"/etl/jobs?token={token}") == 200
        feed = requests.get(
            f"{service.base_url}/etl/jobs/stream?token={token}", stream=True, timeout=20
        )
        assert feed.status_code == 200

        assert run_command(service.data_dir, "revoke", "kim").returncode == 0
        assert status(service, token) == 401
        # An open feed ends too, at its next heartbeat.
        assert b"connected" in b"".join(feed.iter_content(None))

        listed = run_command(service.data_dir, "list").stdout
        assert listed.startswith("kim  viewer  made 20")
        assert "revoked" in listed
        assert token not in listed
        entries = [
            (entry["actor"], entry["action"], entry["outcome"])
            for entry in service.data("GET", "/activity")
        ]
    assert entries == [
        ("command line", "revoke_token", "done"),
        ("command line", "add_token", "done"),
    ]


@pytest.mark.long
def test_a_token_added_before_the_first_start_is_valid(tmp_path: Path) -> None:
    token = add_token(tmp_path / "data", "kim", "operator")
    with running_service(tmp_path / "data") as service:
        assert status(service, token) == 200


def test_only_a_hash_is_on_the_disk(tmp_path: Path) -> None:
    token = add_token(tmp_path, "kim", "operator")
    with sqlite3.connect(tmp_path / "etl.sqlite") as database:
        dump = "\n".join(database.iterdump())
    secret = token.split("_", 2)[2]  # it may contain "_" itself
    assert "kim" in dump
    assert secret not in dump
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["revoke", "missing"], "There is no valid token named missing."),
        (["add", "admin", "--role", "viewer"], "cannot be a token's name"),
    ],
)
def test_a_failed_command_prints_one_line(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    done = run_command(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_token_has_a_limit_of_feeds(limited: RunningService, owned: RunningService) -> None:
    feeds = [owned.call("GET", "/etl/jobs/stream", stream=True) for _ in range(3)]
    for feed in feeds:
        feed.raw.read(5)
    error = owned.error("GET", "/etl/jobs/stream")
    assert error == (429, "too_many_feeds", {"limit": 3})
    other = limited.call("GET", "/etl/jobs/stream", stream=True)
    assert other.status_code == 200
    other.close()
    feeds[0].close()

    def another_feed_opens() -> None:
        with owned.call("GET", "/etl/jobs/stream", stream=True) as again:
            assert again.status_code == 200

    eventually(another_feed_opens, within=15)
    for feed in feeds[1:]:
        feed.close()


def test_many_concurrent_requests_do_not_exceed_the_limit_of_feeds(owned: RunningService) -> None:
    barrier = Barrier(24)

    def open_feed(_: int) -> requests.Response:
        barrier.wait(timeout=30)
        url = f"{owned.base_url}/etl/jobs/stream?token={owned.token}"
        return requests.get(url, stream=True, timeout=30)

    with ThreadPoolExecutor(24) as executor:
        replies = list(executor.map(open_feed, range(24)))
    assert Counter(reply.status_code for reply in replies) == {200: 3, 429: 21}
    for reply in replies:
        reply.close()


def test_feeds_that_end_before_they_begin_do_not_count(owned: RunningService) -> None:
    """This holds if the client disconnects at once, and if the feed is rejected."""
    host, _, port = owned.base_url.removeprefix("http://").partition(":")
    for number in range(30):
        with socket.create_connection((host, int(port))) as connection:
            path = f"/etl/jobs/stream?token={owned.token}&lastEventId={number}"
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert owned.call("GET", "/etl/jobs/none/stream").status_code in (404, 429)

    def all_feeds_open() -> None:
        feeds = [owned.call("GET", "/etl/jobs/stream", stream=True) for _ in range(3)]
        statuses = [feed.status_code for feed in feeds]
        for feed in feeds:
            feed.close()
        assert statuses == [200] * 3

    eventually(all_feeds_open, within=30, every=0.5)
