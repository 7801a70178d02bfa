"""The benchmarks run, and store what they print. Without thresholds: machines differ."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

ROOT = Path(__file__).parents[1]
WAITING = ("viewers", "bus", "delivery", "subscribers")  # they begin first
SHORT = {name for name, benchmark in BENCHMARKS.items() if benchmark.short is not None}


def test_all_benchmarks_are_listed() -> None:
    files = {path.stem for path in (ROOT / "benchmarks").glob("*.py")}
    assert set(BENCHMARKS) == files - {"__main__", "soak", "list_data", "list_queries"}


@pytest.mark.long
def test_a_short_run_stores_what_each_printed(tmp_path: Path) -> None:
    """Three at a time: some of them mostly wait."""

    def run(name: str) -> None:
        ended = _benchmarks("--short", "--results", str(tmp_path), name)
        assert ended.returncode == 0, ended.stdout + ended.stderr

    with ThreadPoolExecutor(3) as three:
        list(three.map(run, sorted(SHORT, key=lambda name: (name not in WAITING, name))))
    records = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.iterdir()]
    assert {record["benchmark"] for record in records} == SHORT
    assert all(record["output"] and record["versions"]["streamlit"] for record in records)


def test_an_unknown_name_is_refused() -> None:
    ended = _benchmarks("nothing")
    assert (ended.returncode, "no such benchmark: nothing" in ended.stderr) == (2, True)


def _benchmarks(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
