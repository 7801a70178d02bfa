"""Peak memory and time of the aptitude pipeline, in a fresh process for each size.

python benchmarks/pipeline_memory.py [rows ...]     default: 100000 1000000

For each size, prints the size of the file (MB), the peak memory of the process (MB, ru_maxrss) and
the seconds of each step; at the end, the ratio of the last peak to the first (1.0: memory does not
grow). The parent imports nothing large: on Linux, a child's ru_maxrss starts at its parent's.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SEED = 2026


def main(sizes: list[int]) -> None:
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            path = Path(folder) / f"{rows}.csv"
            _child("write", str(rows), str(path))
            measured = _child("run", str(path), tempfile.mkdtemp(dir=folder))
            peaks.append(measured["peak_mb"])
            megabytes = path.stat().st_size / 1e6
            print(f"{rows:>9,} rows  {megabytes:6.1f} MB  peak {measured['peak_mb']:6.1f} MB  "
                  f"{measured['seconds']:5.1f} s  {measured['steps']}")  # fmt: skip
    print(f"ratio of peaks, last to first: {peaks[-1] / peaks[0]:.2f}")


def _child(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, __file__, *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(output)) if output else {}


def write(rows: int, path: Path) -> None:
    from etl_monitor.pipeline.samples.files import Sample, write_sample

    sample = Sample(
        key="bench", title="", test_kind="big_five_50", user_id="",
        respondents=rows, seed=SEED, file_format="csv-utf8",
    )  # fmt: skip
    write_sample(sample, path)


def run(source: Path, work_dir: Path) -> None:
    started = time.perf_counter()
    steps = run_steps(source, work_dir)
    seconds = time.perf_counter() - started
    print(json.dumps({"peak_mb": _peak_mb(), "seconds": seconds, "steps": steps}))


def run_steps(source: Path, work_dir: Path) -> dict[str, float]:
    """Return the seconds of each step."""
    from etl_monitor.pipeline.aptitude import PIPELINE
    from etl_monitor.pipeline.base import PipelineJob

    job = PipelineJob(
        job_id="bench", test_id="bench", test_kind="big_five_50", title="",
        source=source, work_dir=work_dir,
    )  # fmt: skip
    steps = {}
    for step in PIPELINE.steps:
        before = time.perf_counter()
        step.run(job, _SilentReport(), lambda: False)
        steps[step.name] = round(time.perf_counter() - before, 2)
    return steps


class _SilentReport:
    """A `Report` that ignores everything."""

    def __call__(self, rows_done: int, rows_total: int | None) -> None: ...

    def log(self, message: str, level: str = "info", **_: object) -> None: ...


def _peak_mb() -> float:
    """Return this process's peak memory in MB: Linux counts in KiB, macOS in bytes."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    match sys.argv[1:]:
        case ["write", rows, path]:
            write(int(rows), Path(path))
        case ["run", source, work_dir]:
            run(Path(source), Path(work_dir))
        case sizes:
            main([int(size) for size in sizes] or [100_000, 1_000_000])
