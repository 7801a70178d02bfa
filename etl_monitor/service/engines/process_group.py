"""The processes that a step starts: they end with their job, whatever they do.

A worker leads a process group of its own and marks its environment. What leaves the group is found
by the mark, which child processes inherit.
"""

import ctypes
import os
import signal
import sys
from contextlib import suppress

import psutil

_MARK = "ETL_WORKER"  # the environment's variable with the worker's name
_PR_SET_CHILD_SUBREAPER = 36


def lead_group(worker: str) -> None:
    """Make this process the leader of a new group, and the parent of all its descendants: those
    whose own parent ends come to this one. Only Linux has the latter."""
    os.environ[_MARK] = worker
    if hasattr(os, "setsid"):
        os.setsid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants() -> None:
    """End every process that this one's jobs have started."""
    processes = psutil.Process().children(recursive=True)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=1)  # zombies of the subreaper are collected here


def end_own_group() -> None:
    """End this process with all that it has started. For a worker whose parent is gone."""
    end_descendants()
    if hasattr(os, "killpg"):
        os.killpg(os.getpgid(0), signal.SIGKILL)
    os._exit(0)


def end_group(worker: str, pid: int) -> None:
    """End a worker, which may have ended already, and every process that its jobs have started."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(_MARK) == worker:
                process.kill()
