"""The benchmarks, one after the other: stores what they print, with the machine and versions.

make bench        python -m benchmarks [--short] [NAME …]     default: all

Writes `benchmarks/results/NAME.json`. `--short`: small sizes, which show that they run, no more.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

_ROOT = Path(__file__).parent.parent
RESULTS = _ROOT / "benchmarks" / "results"
_PACKAGES = ("streamlit", "fastapi", "sqlalchemy", "pyarrow", "msgspec", "requests")


@dataclass(frozen=True)
class Benchmark:
    """Its arguments. `short`: of a small run; None: it has no small sizes."""

    full: tuple[str, ...] = ()
    short: tuple[str, ...] | None = None


BENCHMARKS = {
    "bus": Benchmark(short=("1", "2")),
    "claims": Benchmark(short=("2", "1", "5")),
    "delivery": Benchmark(short=("2", "20", "1", "1")),
    "drawing": Benchmark(short=("2",)),
    "open_jobs": Benchmark(short=("4", "2")),
    "engines": Benchmark(),
    "estimates": Benchmark(),
    "follower": Benchmark(short=("2000",)),
    "leaks": Benchmark(),
    "lists": Benchmark(),
    "opening": Benchmark(short=("5",)),
    "painted": Benchmark(),
    "pipeline_memory": Benchmark(),
    "pipeline_speed": Benchmark(short=("2000", "1")),
    "plans": Benchmark(short=("2000",)),
    "scale": Benchmark(short=()),
    "sessions": Benchmark(),
    "start": Benchmark(),
    "store_memory": Benchmark(short=("500",)),
    "store_snapshot": Benchmark(),
    "stream": Benchmark(),
    "subscribers": Benchmark(short=("5", "20", "1")),
    "viewers": Benchmark(short=("0.3", "10", "1", "3")),
    "writing": Benchmark(short=("0.2", "1")),
}


def run(name: str, arguments: Sequence[str], results: Path) -> int:
    """Run one benchmark, and store what it printed. Returns its exit code."""
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
    print(f"== {name} {' '.join(arguments)}".rstrip(), flush=True)
    at, begin, lines = datetime.now(UTC), time.monotonic(), []
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line.rstrip("\n"))
    record = {
        "benchmark": name,
        "arguments": list(arguments),
        "at": at.isoformat(timespec="seconds"),
        "seconds": round(time.monotonic() - begin, 1),
        "exitCode": process.returncode,
        "output": lines,
        **_surroundings(),
    }
    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=2)
    (results / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return process.returncode


def _surroundings() -> Mapping[str, Any]:
    """Return the machine, how busy it was, and the versions."""
    return {
        "machine": {
            "system": platform.platform(),
            "processors": os.cpu_count(),
            "memoryMb": psutil.virtual_memory().total // 1_000_000,
            "load": psutil.getloadavg()[0],
        },
        "versions": {"python": platform.python_version()}
        | {package: version(package) for package in _PACKAGES},
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--short", action="store_true", help="small sizes")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FOLDER")
    given = parser.parse_args()
    if unknown := set(given.names) - BENCHMARKS.keys():
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    codes = []
    for name in given.names or BENCHMARKS:
        arguments = BENCHMARKS[name].short if given.short else BENCHMARKS[name].full
        if arguments is not None:
            codes.append(run(name, arguments, given.results))
    sys.exit(any(codes))


if __name__ == "__main__":
    main()
