"""How fast the aptitude pipeline is, beside a bare read of the file with pyarrow on one thread.

    python -m benchmarks.pipeline_speed [ROWS] [ROUNDS]     default: 1000000 3

Both run in turn in one process, for a CSV file and for a Parquet file with 50 items; the processor
time is counted. The bare read goes through all batches and keeps none of them.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import csv, parquet

from benchmarks.pipeline_memory import run_steps, write

FORMATS = ("csv", "parquet")


def processor_seconds(action: Callable[[], object]) -> float:
    before = time.process_time()
    action()
    return time.process_time() - before


def read(path: Path) -> int:
    """Return the number of rows."""
    return sum(len(batch) for batch in _batches(path))


def _batches(path: Path) -> Any:
    if path.suffix == ".parquet":
        return parquet.ParquetFile(path).iter_batches(use_threads=False)
    return csv.open_csv(path, csv.ReadOptions(use_threads=False))


def score(path: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        return run_steps(path, Path(folder))


def as_parquet(source: Path, target: Path) -> None:
    reader = csv.open_csv(source)
    with parquet.ParquetWriter(target, reader.schema) as writer:
        for batch in reader:
            writer.write_table(pa.Table.from_batches([batch]))


def compare(path: Path, rounds: int) -> str:
    pairs = [
        (processor_seconds(lambda: score(path)), processor_seconds(lambda: read(path)))
        for _ in range(rounds + 1)  # the first one also imports and parses what all need
    ][1:]
    ratios = sorted(ours / bare for ours, bare in pairs)
    ours, bare = (statistics.median(times) for times in zip(*pairs, strict=True))
    middle = statistics.median(ratios)
    return f"{ours:6.1f} s beside {bare:5.2f} s: {middle:.1f} x ({ratios[0]:.1f}-{ratios[-1]:.1f})"


def main(rows: int = 1_000_000, rounds: int = 3) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "answers.csv"
        write(rows, source)
        as_parquet(source, source.with_suffix(".parquet"))
        for name in FORMATS:
            print(f"{rows:,} rows, {name:>7}: {compare(source.with_suffix(f'.{name}'), rounds)}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
