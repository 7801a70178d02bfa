"""A pipeline whose only step does what the test's title names, as steps of companies do."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from etl_monitor.pipeline.base import (
    REJECTED_ROWS,
    Cancelled,
    Outcome,
    Pipeline,
    PipelineJob,
    Report,
    Step,
)

SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.unruly:PIPELINE"}
_SLEEP = [sys.executable, "-c", "import threading; threading.Event().wait(600)"]

Deed = Callable[[Report], object]


def pools(report: Report) -> None:
    """Use every way of multiprocessing."""
    with ProcessPoolExecutor(2) as pool:
        report.log(f"sum {sum(pool.map(abs, range(4)))}")
    for method in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(method).Pool(1) as workers:
            report.log(f"{method} {workers.map(abs, [-1])}")


def _leave(report: Report, *, new_session: bool) -> "subprocess.Popen[bytes]":
    child = subprocess.Popen(_SLEEP, start_new_session=new_session)
    report.log(f"child {child.pid}")
    return child


def leave_children(report: Report) -> None:
    for new_session in (False, True):
        _leave(report, new_session=new_session)


def leave_orphan(report: Report) -> None:
    """Leave a process whose own parent has ended."""
    code = f"import subprocess; print(subprocess.Popen({_SLEEP!r}, stdout=subprocess.DEVNULL).pid)"
    made = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    report.log(f"child {int(made.stdout)}")


def wait_for_child(report: Report) -> None:
    child = _leave(report, new_session=False)
    _leave(report, new_session=True)
    report(1, 10)
    child.wait()


def leave_children_and_die(report: Report) -> None:
    leave_children(report)
    report(1, 10)
    os.kill(os.getpid(), signal.SIGKILL)


def leave_thread(report: Report) -> None:
    threading.Thread(target=threading.Event().wait).start()


def exit_at_once(report: Report) -> None:
    os._exit(3)


def system_exit(report: Report) -> None:
    sys.exit("enough")


def interrupt(report: Report) -> None:
    raise KeyboardInterrupt


def good(report: Report) -> None:
    report(1, 1)


def say_where(report: Report) -> None:
    report.log(str(Path.cwd()))


DEEDS: dict[str, Deed] = {
    deed.__name__: deed
    for deed in (
        *(pools, leave_children, leave_orphan, wait_for_child, leave_children_and_die),
        *(leave_thread, exit_at_once, system_exit, interrupt, good, say_where),
    )
}


def go_to_folder(work_dir: Path) -> None:
    os.chdir(work_dir)


def leave_no_table(work_dir: Path) -> None:
    (work_dir / REJECTED_ROWS).write_text("row,reason\n2,missing\n")


IN_FOLDER = {deed.__name__: deed for deed in (go_to_folder, leave_no_table)}


def only(job: PipelineJob, report: Report, cancelled: Cancelled) -> Outcome:
    if job.title in IN_FOLDER:
        IN_FOLDER[job.title](job.work_dir)
    else:
        DEEDS[job.title](report)
    return Outcome(respondents=1)


def any_file(source: Path, test_kind: str, kinds_dir: Path | None) -> None:
    return None


PIPELINE = Pipeline(name="unruly", steps=(Step(name="only", run=only),), check=any_file)
