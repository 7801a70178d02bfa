"""`python -m tests.coverage_summary`: what the last `make test` ran of the core, by folder.

Measured in the test processes, and only in the tests of the core (`tests/conftest.py`). Programs
that a test starts do not count.
"""

import json
import tempfile
from collections import Counter
from pathlib import Path, PurePosixPath

from coverage import Coverage

CORE = ("feed", "store", "service/jobs", "pipeline/scoring")


def main() -> None:
    statements, missing = counts()
    for folder in CORE:
        lines = f"{missing[folder]} of {statements[folder]} statements not run"
        print(f"{folder:<18}{share(statements, missing, folder):>4} %   {lines}")  # noqa: T201


def counts() -> tuple[Counter[str], Counter[str]]:
    """Return the numbers of statements and of those that no test ran, by `folder`, by
    `folder/subfolder`, and for `all`.
    """
    statements: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for name, file in _report()["files"].items():
        folders = PurePosixPath(name).relative_to("etl_monitor").parts[:-1]
        for folder in {"all", *folders[:1], "/".join(folders[:2])} - {""}:
            statements[folder] += file["summary"]["num_statements"]
            missing[folder] += file["summary"]["missing_lines"]
    return statements, missing


def _report() -> dict[str, dict[str, dict[str, dict[str, int]]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.json"
        coverage = Coverage(messages=False)
        coverage.load()
        coverage.json_report(outfile=str(path))
        return dict(json.loads(path.read_text("utf-8")))


def share(statements: Counter[str], missing: Counter[str], folder: str) -> str:
    """Return the covered share in whole percent; 100 only if nothing is missing."""
    total = statements[folder]
    return str(100 * (total - missing[folder]) // total if total else 100)


if __name__ == "__main__":
    main()
