"""The service's commands, and a service that opens its data without listening."""

import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from etl_monitor.service.__main__ import main
from etl_monitor.service.bootstrap import open_service
from etl_monitor.service.service import Service
from etl_monitor.settings import Settings
from tests.support.scripted import SETTING
from tests.support.service_process import ROOT


def command(*arguments: str | Path, expected: int = 0, env: Mapping[str, str] | None = None) -> str:
    """Run a command in a process of its own. Returns its standard output, or its error."""
    done = subprocess.run(
        [sys.executable, "-m", "etl_monitor.service", *map(str, arguments)],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", **SETTING, **(env or {})},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == expected, done.stdout + done.stderr
    return done.stdout if expected == 0 else done.stderr


def command_here(
    *arguments: str | Path, expected: int = 0, env: Mapping[str, str] | None = None
) -> str:
    """Do the same within this process, which takes half a second less of its processor."""
    output, errors = io.StringIO(), io.StringIO()
    setting = {**SETTING, **(env or {})}
    with _environment(setting), redirect_stdout(output), redirect_stderr(errors):
        code = _code([str(each) for each in arguments])
    assert code == expected, output.getvalue() + errors.getvalue()
    return output.getvalue() if expected == 0 else errors.getvalue()


def _code(arguments: Sequence[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as end:  # of an argument that cannot be used
        return int(end.code or 0)


@contextmanager
def _environment(setting: Mapping[str, str]) -> Iterator[None]:
    """Undo what a command changes of its process."""
    mask = os.umask(0o077)
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if "ETL_MONITOR" in name]:
                patch.delenv(name)
            for name, value in setting.items():
                patch.setenv(name, value)
            yield
    finally:
        os.umask(mask)


@contextmanager
def opened(
    data_dir: Path, *, accept_database: bool = False, database_url: str | None = None
) -> Iterator[Service]:
    """Start a service within this process up to where it would listen and start its workers."""
    fields = {"data_dir": data_dir, "samples": False, "pipeline": SETTING["ETL_MONITOR_PIPELINE"]}
    settings = Settings.model_validate(fields | {"database_url": database_url})
    temporary = tempfile.tempdir
    try:
        with open_service(settings, accept_database=accept_database) as (_, service):
            yield service
    finally:
        tempfile.tempdir = temporary  # it was in the data directory
