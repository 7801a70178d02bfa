"""The scripted pipeline in processes whose clock a test can set: the file that `CLOCK_FILE` names
contains the offset in seconds."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etl_monitor.service.storage import clock
from tests.support.scripted import PIPELINE as _SCRIPTED

SETTING = {"ETL_MONITOR_PIPELINE": "tests.support.scripted_clock:PIPELINE"}
PIPELINE = _SCRIPTED


def _wall() -> datetime:
    try:
        offset = float(Path(os.environ["CLOCK_FILE"]).read_text())
    except (KeyError, FileNotFoundError, ValueError):
        offset = 0.0
    return datetime.now(UTC) + timedelta(seconds=offset)


clock.wall = _wall
