"""The files that `pip install` of this folder installs."""

import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from itertools import chain
from pathlib import Path

import pytest

from tests.support.portal_process import ROOT
from tests.support.wheel import build_wheel, tracked


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(build_wheel(tmp_path_factory.mktemp("wheel"))) as archive:
        yield archive


@pytest.fixture(scope="module")
def packaged(wheel: zipfile.ZipFile) -> set[str]:
    """Return the names of the files in the wheel."""
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return HeaderParser().parsestr(about(wheel, "METADATA"))


def about(wheel: zipfile.ZipFile, name: str) -> str:
    """Return the text of a file about the wheel."""
    (path,) = [path for path in wheel.namelist() if path.endswith(f".dist-info/{name}")]
    return wheel.read(path).decode()


def test_the_wheel_has_exactly_the_files_of_the_package(packaged: set[str]) -> None:
    expected = {Path(name).as_posix() for name in tracked() if name.startswith("etl_monitor")}
    assert packaged == expected


@pytest.mark.parametrize(
    "kind", [".ftl", ".js", ".css", ".svg", ".toml", ".mako", "0001_the_first_tables.py"]
)
def test_files_that_are_not_modules_are_packaged(packaged: set[str], kind: str) -> None:
    assert [name for name in packaged if name.endswith(kind)]


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile, metadata: Message) -> None:
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert "# ETL Monitor" in metadata.get_payload()
    assert metadata.get_all("Project-URL")
    assert "Typing :: Typed" in (metadata.get_all("Classifier") or [])
    assert "etl-monitor-service = etl_monitor.service_command:main" in about(
        wheel, "entry_points.txt"
    )


def test_requirements_are_the_whole_product() -> None:
    """Each package has one range, whichever way it is installed. Only for embedding there is a
    wider one of Streamlit. What several machines or traces need, the product does without."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    always = extras.keys() - {"postgres", "celery", "s3", "tracing"}
    declared = {*project["dependencies"], *chain.from_iterable(extras[name] for name in always)}
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    whole = {line.partition("#")[0].strip() for line in lines}
    assert declared - whole == {"streamlit>=1.64,<2", "etl-monitor[service,sign-in]"}
    assert whole - declared == set()


def test_the_service_names_the_extra_that_is_missing() -> None:
    blocked = "import sys; sys.modules['sqlalchemy'] = None; "
    command = blocked + "from etl_monitor.service_command import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (
        2,
        "sqlalchemy is missing: pip install 'etl-monitor[service]'\n",
    )
