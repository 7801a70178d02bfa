"""A repository of git with this checkout."""

import shutil
import subprocess
from pathlib import Path

from tests.support.service_process import ROOT


def make_repository(folder: Path) -> None:
    """Commit this checkout as it is into a new repository: it may lack history, or have changes."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for file in filter(None, files.split("\0")):
        if (ROOT / file).is_file():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, folder / file)
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    commit(folder)


def commit(folder: Path) -> None:
    who = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)
    subprocess.run(["git", *who, "commit", "--quiet", "-m", "Version"], cwd=folder, check=True)
