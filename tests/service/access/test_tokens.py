"""Tokens: made, listed and revoked by command, while the service runs; stored as hashes."""

import socket
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import requests

from etl_monitor.errors import BadRequest, Conflict, NotFound
from etl_monitor.service.access import tokens
from etl_monitor.service.storage.database import Database
from etl_monitor.wire.roles import Role
from tests.support.eventually import eventually
from tests.support.service_process import ROOT, RunningService, running_service


def command(data_dir: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
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
        timeout=60,
    )


def made(data_dir: Path, name: str, role: str) -> str:
    done = command(data_dir, "add", name, "--role", role)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def status(service: RunningService, token: str, path: str = "/me") -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(service.base_url + path, headers=headers, timeout=10).status_code


def test_a_token_is_its_owner(db: Database) -> None:
    with db.writing() as tx:
        token = tokens.add(tx, "김민지", Role.OPERATOR)
        other = tokens.add(tx, "portal", Role.PORTAL)
    stored = tokens.StoredTokens(db)
    kim, portal = stored.owner(token), stored.owner(other)
    assert kim is not None
    assert (kim.name, kim.role, kim.may_act_for_others) == ("김민지", Role.OPERATOR, False)
    assert portal is not None
    assert portal.may_act_for_others


def test_nothing_that_looks_like_it_is_one(db: Database) -> None:
    with db.writing() as tx:
        token = tokens.add(tx, "kim", Role.VIEWER)
    stored = tokens.StoredTokens(db)
    end = "A" if token[-1] != "A" else "B"
    changed = [token[:-1] + end, token + "A", token[:-1], token.upper(), f" {token}", ""]
    assert [stored.owner(one) for one in changed] == [None] * len(changed)
    assert stored.owner(f"etl_{'0' * 16}_{'A' * 43}") is None


def test_revoked_ones_are_nobodys_and_leave_the_name(db: Database) -> None:
    with db.writing() as tx:
        token = tokens.add(tx, "kim", Role.VIEWER)
    with db.writing() as tx:
        tokens.revoke(tx, "kim")
    stored = tokens.StoredTokens(db)
    assert stored.owner(token) is None
    with db.writing() as tx:
        tokens.add(tx, "kim", Role.ADMIN)
        told = [(one.name, one.role, one.revoked_at is None) for one in tokens.records(tx)]
    assert told == [("kim", Role.VIEWER, False), ("kim", Role.ADMIN, True)]


def test_a_name_is_one_persons(db: Database) -> None:
    with db.writing() as tx:
        tokens.add(tx, "kim", Role.VIEWER)
        with pytest.raises(Conflict):
            tokens.add(tx, "kim", Role.ADMIN)
        with pytest.raises(NotFound):
            tokens.revoke(tx, "lee")


@pytest.mark.parametrize("name", ["", " kim", "a\nb", "x" * 101, "admin", "system"])
def test_names_that_cannot_be(db: Database, name: str) -> None:
    with db.writing() as tx, pytest.raises(BadRequest):
        tokens.add(tx, name, Role.VIEWER)


def test_made_listed_and_revoked_while_the_service_runs(tmp_path: Path) -> None:
    settings = {"ETL_MONITOR_FEED_HEARTBEAT": "1"}
    with running_service(tmp_path / "data", env=settings) as service:
        token = made(service.data_dir, "kim", "viewer")
        assert status(service, token) == 200
        assert status(service, token, f"/etl/jobs?token={token}") == 200
        feed = requests.get(
            f"{service.base_url}/etl/jobs/stream?token={token}", stream=True, timeout=20
        )
        assert feed.status_code == 200

        assert command(service.data_dir, "revoke", "kim").returncode == 0
        assert status(service, token) == 401
        # An open feed ends too, with its next comment.
        assert b"connected" in b"".join(feed.iter_content(None))

        listed = command(service.data_dir, "list").stdout
        assert listed.startswith("kim  viewer  made 20")
        assert "revoked" in listed
        assert token not in listed
        told = [
            (one["actor"], one["action"], one["outcome"])
            for one in service.data("GET", "/activity")
        ]
    assert told == [
        ("command line", "revoke_token", "done"),
        ("command line", "add_token", "done"),
    ]


def test_before_the_first_start(tmp_path: Path) -> None:
    token = made(tmp_path / "data", "kim", "operator")
    with running_service(tmp_path / "data") as service:
        assert status(service, token) == 200


def test_only_a_hash_is_on_the_disk(tmp_path: Path) -> None:
    token = made(tmp_path, "kim", "operator")
    with sqlite3.connect(tmp_path / "etl.sqlite") as database:
        dump = "\n".join(database.iterdump())
    secret = token.rpartition("_")[2]
    assert "kim" in dump
    assert secret not in dump
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or secret.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["revoke", "nobody"], "There is no valid token named nobody."),
        (["add", "admin", "--role", "viewer"], "cannot be a token's name"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    done = command(tmp_path, *arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


def test_a_feed_more_than_a_token_may_have(tmp_path: Path) -> None:
    settings = {"ETL_MONITOR_FEEDS_PER_TOKEN": "2", "ETL_MONITOR_FEED_HEARTBEAT": "1"}
    with running_service(tmp_path / "data", env=settings) as service:
        token = made(service.data_dir, "kim", "viewer")
        feeds = [service.call("GET", "/etl/jobs/stream", stream=True) for _ in range(2)]
        for feed in feeds:
            feed.raw.read(5)
        told = service.error("GET", "/etl/jobs/stream")
        assert told == (429, "too_many_feeds", {"limit": 2})
        other = requests.get(
            f"{service.base_url}/etl/jobs/stream?token={token}", stream=True, timeout=10
        )
        assert other.status_code == 200
        other.close()
        feeds[0].close()

        def one_is_free() -> None:
            with service.call("GET", "/etl/jobs/stream", stream=True) as again:
                assert again.status_code == 200

        eventually(one_is_free, within=15)
        feeds[1].close()


def test_no_more_feeds_at_once_however_many_ask(tmp_path: Path) -> None:
    with running_service(tmp_path / "data", env={"ETL_MONITOR_FEEDS_PER_TOKEN": "3"}) as service:
        barrier = Barrier(24)

        def ask(_: int) -> requests.Response:
            barrier.wait(timeout=30)
            url = f"{service.base_url}/etl/jobs/stream?token={service.token}"
            return requests.get(url, stream=True, timeout=30)

        with ThreadPoolExecutor(24) as people:
            replies = list(people.map(ask, range(24)))
        assert Counter(reply.status_code for reply in replies) == {200: 3, 429: 21}
        for reply in replies:
            reply.close()


def test_feeds_that_end_before_they_begin_take_no_place(tmp_path: Path) -> None:
    """Neither those whose client is gone at once, nor those that are refused."""
    with running_service(tmp_path / "data", env={"ETL_MONITOR_FEEDS_PER_TOKEN": "3"}) as service:
        host, _, port = service.base_url.removeprefix("http://").partition(":")
        for number in range(30):
            with socket.create_connection((host, int(port))) as line:
                path = f"/etl/jobs/stream?token={service.token}&lastEventId={number}"
                line.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert service.call("GET", "/etl/jobs/none/stream").status_code in (404, 429)

        def all_are_free() -> None:
            feeds = [service.call("GET", "/etl/jobs/stream", stream=True) for _ in range(3)]
            told = [feed.status_code for feed in feeds]
            for feed in feeds:
                feed.close()
            assert told == [200] * 3

        eventually(all_are_free, within=30, every=0.5)
