"""The modules that another app's page loads for `em.job_status` and `em.progress_monitor`."""

import subprocess
import sys

_PRINT_MODULES = "import sys, etl_monitor.ui.embed; print(*sorted(sys.modules), sep='\\n')"
_ROOMS = {"jobs", "live", "session", "widgets"}
_MAX_MODULES = 50


def loaded_modules() -> list[str]:
    command = [sys.executable, "-c", _PRINT_MODULES]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return [name for name in names if name.startswith("etl_monitor.ui.")]


def test_embedding_a_job_loads_no_other_pages() -> None:
    modules = loaded_modules()
    rooms = {name.split(".")[2] for name in modules}
    assert rooms - {"embed"} == _ROOMS
    assert len(modules) <= _MAX_MODULES, modules
