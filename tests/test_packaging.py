"""The files that `pip install` of this folder installs."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.portal_process import ROOT

PACKAGE = ROOT / "etl_monitor"


@pytest.fixture(scope="module")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Return the names of the files in a wheel, built from a copy: builds leave folders behind."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in tracked():
        copy = source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(target), "."]
    subprocess.run(command, cwd=source, check=True, timeout=120)
    (wheel,) = target.glob("etl_monitor-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def tracked() -> list[str]:
    """Return the names of all files that a build reads."""
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    names = [str(path.relative_to(ROOT)) for path in files]
    return [*names, "pyproject.toml", "requirements.txt", "README.md"]


def test_the_wheel_has_exactly_the_files_of_the_package(packaged: set[str]) -> None:
    expected = {Path(name).as_posix() for name in tracked() if name.startswith("etl_monitor")}
    assert packaged == expected


@pytest.mark.parametrize(
    "kind", [".ftl", ".js", ".css", ".svg", ".toml", ".mako", "0001_the_first_tables.py"]
)
def test_files_that_are_not_modules_are_packaged(packaged: set[str], kind: str) -> None:
    assert [name for name in packaged if name.endswith(kind)]
