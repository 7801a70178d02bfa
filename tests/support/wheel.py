"""The wheel of this folder, built from a copy: builds leave folders behind."""

import subprocess
import sys
from pathlib import Path

from tests.support.portal_process import ROOT

PACKAGE = ROOT / "etl_monitor"


def tracked() -> list[str]:
    """Return the names of all files that a build reads."""
    files = [path for path in PACKAGE.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    names = [str(path.relative_to(ROOT)) for path in files]
    return [*names, "pyproject.toml", "README.md", "THIRD_PARTY_NOTICES.md"]


def build_wheel(folder: Path) -> Path:
    """Build the wheel in this folder; return its path."""
    source = folder / "source"
    for name in tracked():
        copy = source / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    options = ["--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder), "."]
    subprocess.run(command, cwd=source, check=True, timeout=120)
    (wheel,) = folder.glob("etl_monitor-*.whl")
    return wheel
