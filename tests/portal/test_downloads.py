"""The portal's plain routes for files, as a browser or a script uses them."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pandas as pd
import pytest
import requests

from tests.support.eventually import eventually
from tests.support.portal_process import PortalProcess, running_portal
from tests.support.portal_session import open_page
from tests.support.service_process import RunningService, running_service

ROWS = 300
TITLE = '2026 "상반기" 추론: 1차/2차'


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    with running_service(tmp_path_factory.mktemp("service") / "data") as process:
        yield process


@pytest.fixture(scope="module")
def portal(
    service: RunningService, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PortalProcess]:
    where = {"ETL_MONITOR_API_URL": service.base_url, "ETL_MONITOR_API_TOKEN": service.token}
    with running_portal(tmp_path_factory.mktemp("portal"), environment=where) as process:
        yield process


@pytest.fixture(scope="module")
def test_id(service: RunningService) -> str:
    kinds = {kind["key"]: kind for kind in service.data("GET", "/test-kinds")}
    items = [c for c in kinds["reasoning_4x10"]["columns"] if c != "respondent_id"]
    table = pd.DataFrame([["ABCD"[(n + m) % 4] for m in range(len(items))] for n in range(ROWS)])
    table.columns = pd.Index(items)
    table.insert(0, "respondent_id", [f"응시자{n}" for n in range(ROWS)])
    form = {"testKind": "reasoning_4x10", "title": TITLE, "userId": "김민지"}
    content = table.to_csv(index=False).encode()
    made = service.data("POST", "/tests/results", data=form, files={"file": ("a.csv", content)})

    def is_over() -> None:
        assert service.data("GET", f"/tests/results/{made['id']}")["status"] == "completed"

    eventually(is_over, within=90)
    return str(made["id"])


def got(portal: PortalProcess, path: str) -> requests.Response:
    return requests.get(portal.url + path, timeout=60)


@pytest.mark.parametrize("file_format", ["csv", "parquet", "xlsx"])
def test_a_plain_request_is_answered_with_the_file(
    file_format: str, portal: PortalProcess, test_id: str, tmp_path: Path
) -> None:
    reply = got(portal, f"/scores/{test_id}.{file_format}?lang=ko")
    assert reply.status_code == 200
    name = f"2026 상반기 추론 1차2차 점수.{file_format}"
    assert reply.headers["Content-Disposition"] == (
        f"attachment; filename=\"2026   12.{file_format}\"; filename*=UTF-8''{quote(name)}"
    )
    assert reply.headers["Cache-Control"] == "no-store"
    if file_format == "csv":
        assert reply.content.startswith(b"\xef\xbb\xbf")
        assert len(list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))) == ROWS + 1
    elif file_format == "parquet":
        assert len(pd.read_parquet(io.BytesIO(reply.content))) == ROWS
    else:
        assert reply.content.startswith(b"PK")


def test_a_download_is_noted_once(
    portal: PortalProcess, service: RunningService, test_id: str
) -> None:
    def downloads() -> list[dict[str, str]]:
        entries: list[dict[str, str]] = service.data("GET", "/activity?action=download")
        return entries

    before = len(downloads())
    got(portal, f"/scores/{test_id}.xlsx")
    assert requests.head(f"{portal.url}/scores/{test_id}.csv", timeout=60).status_code == 200
    noted = downloads()
    assert len(noted) == before + 1
    assert (noted[0]["title"], noted[0]["testId"]) == (TITLE, test_id)
    assert got(portal, "/activity.csv?action=download&outcome=nonsense").status_code == 200
    assert [entry["title"] for entry in downloads()[:2]] == [None, TITLE]


def test_the_scripts_are_files_that_a_browser_keeps(portal: PortalProcess) -> None:
    with open_page(portal.url) as page:
        parts = [part for part in page.components if part.component_name == "etl_monitor.views"]
    assert parts
    assert {part.js_content for part in parts} == {""}
    assert sum(part.ByteSize() for part in page.components) < 60_000
    reply = got(portal, f"/_stcore/bidi-components/etl_monitor.views/{parts[0].js_source_path}")
    assert "export default" in reply.text
    assert "immutable" in reply.headers["Cache-Control"]
    missing = got(portal, "/_stcore/bidi-components/etl_monitor.views/missing.js")
    assert (missing.status_code, missing.headers.get("Cache-Control")) == (404, None)


@pytest.mark.parametrize("file_format", ["csv", "parquet", "xlsx"])
def test_an_error_says_why(file_format: str, portal: PortalProcess) -> None:
    reply = got(portal, f"/scores/nothing.{file_format}?lang=ko")
    assert reply.status_code == 404
    assert (
        reply.text
        == "파일을 만들지 못했습니다. 검사 결과를 찾을 수 없습니다. 삭제되었을 수 있습니다.\n"
    )
    assert "Content-Disposition" not in reply.headers


def test_the_activity_is_a_file_in_the_readers_language_and_zone(
    portal: PortalProcess, test_id: str
) -> None:
    reply = got(portal, "/activity.csv?lang=ko&zone=Asia/Seoul&action=upload")
    rows = list(csv.reader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert rows[0][0] == "시각(Asia/Seoul)"
    assert [row[7] for row in rows[1:]] == [TITLE]
    assert got(portal, "/activity.xlsx").content.startswith(b"PK")
