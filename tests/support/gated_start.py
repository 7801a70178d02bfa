"""A pipeline that is loaded only once the file `gate` is in the data directory: the service is not
ready before."""

import os
import threading
from pathlib import Path

from tests.support import scripted

_never = threading.Event()
_gate = Path(os.environ["ETL_MONITOR_DATA_DIR"]) / "gate"
while not _gate.exists():
    _never.wait(0.05)

PIPELINE = scripted.PIPELINE
