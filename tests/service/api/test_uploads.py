"""Uploads: a rejected file gets a clear reason, and nothing of it stays."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.eventually import eventually
from tests.support.people import Person
from tests.support.scripted import KIND, SETTING, Script
from tests.support.service_process import RunningService, running_service

GOOD = ("answers.json", Script().file())
FORM = {"testKind": KIND, "userId": "kim"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service with a limit of 1 MB."""
    setting = SETTING | {"ETL_MONITOR_UPLOAD_LIMIT_MB": "1", "ETL_MONITOR_WORKERS": "1"}
    with running_service(tmp_path_factory.mktemp("small") / "data", env=setting) as running:
        yield running


def _stored_files(service: RunningService) -> list[Path]:
    root = service.data_dir
    return [path for name in ("incoming", "uploads") for path in (root / name).iterdir()]


def _rejected(service: RunningService, form: Any = FORM, **files: Any) -> tuple[int, str, Any]:
    before = _stored_files(service)
    total = service.call("GET", "/tests/results").headers["X-Total-Count"]
    error = service.error("POST", "/tests/results", data=form, files=files)
    assert _stored_files(service) == before
    assert service.call("GET", "/tests/results").headers["X-Total-Count"] == total
    return error


@pytest.mark.parametrize(
    ("form", "files", "status", "code"),
    [
        (FORM, {"file": ("a.csv", b"")}, 400, "empty_file"),
        (FORM, {"file": ("a.csv", b"not a script")}, 400, "unreadable_file"),
        (FORM | {"testKind": "rorschach"}, {"file": GOOD}, 400, "unknown_test_kind"),
        ({"testKind": KIND}, {"file": GOOD}, 422, "invalid_request"),
        ({"userId": "kim"}, {"file": GOOD}, 422, "invalid_request"),
        (FORM | {"userId": "  "}, {"file": GOOD}, 422, "invalid_request"),
        (FORM | {"userId": "a\0b"}, {"file": GOOD}, 422, "invalid_request"),
        (FORM | {"userId": "u" * 201}, {"file": GOOD}, 422, "invalid_request"),
        (FORM | {"title": "t" * 201}, {"file": GOOD}, 422, "invalid_request"),
        (FORM | {"colour": "red"}, {"file": GOOD}, 422, "invalid_request"),
        (FORM | {"title": "t" * 9000}, {"file": GOOD}, 400, "malformed_request"),
        (FORM, {"answers": GOOD}, 422, "invalid_request"),
        (FORM, {"file": GOOD, "more": GOOD}, 400, "malformed_request"),
        (FORM, {}, 400, "malformed_request"),
    ],
)
def test_rejected_uploads(
    service: RunningService, form: Any, files: Any, status: int, code: str
) -> None:
    assert _rejected(service, form, **files)[:2] == (status, code)


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        ({"Content-Type": "multipart/form-data"}, b"x"),
        ({"Content-Type": "multipart/form-data; boundary=b"}, b"x"),
        ({"Content-Type": "multipart/form-data; boundary=b; charset=nonsense"}, b"--b--"),
        ({"Content-Type": "application/json"}, b"{}"),
        ({}, b""),
    ],
)
def test_bodies_that_are_not_a_form(service: RunningService, headers: Any, content: bytes) -> None:
    status, code, _ = service.error("POST", "/tests/results", headers=headers, data=content)
    assert (status, code) in {(400, "malformed_request"), (422, "invalid_request")}


@pytest.mark.parametrize("kind", ["Multipart/Form-Data", "MULTIPART/FORM-DATA"])
def test_a_content_type_in_capitals_is_accepted(person: Person, kind: str) -> None:
    request = requests.Request(
        "POST",
        person.service.base_url,
        data=FORM | {"userId": person.user_id},
        files={"file": GOOD},
    ).prepare()
    content_type = request.headers["Content-Type"].replace("multipart/form-data", kind)
    headers = {"Content-Type": content_type}
    reply = person.service.call("POST", "/tests/results", data=request.body, headers=headers)
    assert reply.status_code == 201, reply.text


def test_two_files_at_once_are_rejected_with_a_reason(service: RunningService) -> None:
    details = _rejected(service, FORM, file=GOOD, more=GOOD)[2]
    assert details["reason"].startswith("more than one file; send each")


def test_the_details_name_the_known_kinds(service: RunningService) -> None:
    details = _rejected(service, FORM | {"testKind": "rorschach"}, file=GOOD)[2]
    assert details == {"test_kind": "rorschach", "known": [KIND]}


@pytest.mark.parametrize("size", [1_000_001, 3_000_000, 30_000_000])
def test_a_file_over_the_limit(small: RunningService, size: int) -> None:
    error = _rejected(small, file=("big.csv", b"x" * size))
    assert error == (413, "file_too_large", {"limitMb": 1})


def test_a_file_over_the_limit_of_unknown_length(small: RunningService) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 100_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    error = small.error("POST", "/tests/results", headers=headers, data=pieces())
    assert error == (413, "file_too_large", {"limitMb": 1})
    assert _stored_files(small) == []


@pytest.mark.parametrize(
    ("file_name", "title"),
    [
        ("../../etc/passwd.json", "passwd.json"),
        ("..\\..\\boot.json", "boot.json"),
        ("<script>alert(1)</script>.json", "script>.json"),
        ("응시 결과.json", "응시 결과.json"),
        ("..", ".."),
    ],
)
def test_a_file_name_is_never_a_path(person: Person, file_name: str, title: str) -> None:
    files = {"file": (file_name, Script().file())}
    form = {"testKind": KIND, "userId": person.user_id}
    test = person.service.data("POST", "/tests/results", data=form, files=files)
    assert test["title"] == title
    folders = {path.parent.name for path in _stored_files(person.service)}
    assert folders <= {"uploads"}
    assert all(len(path.stem) == 36 for path in _stored_files(person.service))


def test_a_title_is_stored_unchanged(person: Person) -> None:
    title = "<b>'시험' & \"test\"</b> %s {0}"
    assert person.upload(title=title)["title"] == title


def test_numbers_are_counted_for_each_user(person: Person) -> None:
    mine = [person.upload()["anpSeq"] for _ in range(3)]
    other = person.upload(userId=f"{person.user_id} 2")["anpSeq"]
    assert (mine, other) == ([1, 2, 3], 1)


def test_a_deleted_tests_number_is_not_given_again(person: Person) -> None:
    for number in (1, 2):
        test = person.processed()
        assert test["anpSeq"] == number
        person.service.data("DELETE", f"/tests/results/{test['id']}")
    assert person.upload()["anpSeq"] == 3


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to list open files")
def test_an_upload_in_progress_is_in_the_data_directory(small: RunningService) -> None:
    """It is not in the system's folder for temporary files, which may be small."""

    def pieces() -> Iterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
        yield b"x" * 1_050_000  # more than the service holds in memory
        eventually(lambda: _is_received_in(small, small.data_dir / "incoming"))
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    small.error("POST", "/tests/results", headers=headers, data=pieces())


def _is_received_in(service: RunningService, folder: Path) -> None:
    links = Path(f"/proc/{service.process.pid}/fd").iterdir()
    assert any(str(link.readlink()).startswith(str(folder)) for link in links)


def test_a_rejected_upload_is_in_the_activity_log(person: Person) -> None:
    _rejected(person.service, FORM | {"testKind": "rorschach"}, file=GOOD)
    newest = person.service.data("GET", "/activity?limit=1")[0]
    assert (newest["action"], newest["outcome"]) == ("upload", "refused")
    assert newest["code"] == "unknown_test_kind"
