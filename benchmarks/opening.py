"""What opening the portal's first page sends over Streamlit's line: scripts as files and as text.

python benchmarks/opening.py [jobs]     default: 20
"""

import sys
import tempfile
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.support import factories
from tests.support.portal_process import running_portal
from tests.support.portal_session import open_page
from tests.support.scripted_server import HOLD, ScriptedServer, reply, stream

_FILES = "/_stcore/bidi-components"


def main(count: int = 20) -> None:
    listed = [factories.running(job_id=f"job-{n}", test_id=f"test-{n}") for n in range(count)]
    records = [job.model_dump(mode="json", by_alias=True) for job in listed]
    with ScriptedServer() as service, tempfile.TemporaryDirectory() as folder:
        service.on("/etl/jobs", reply(records, x_last_event_id="1", x_total_count=str(count)))
        service.on("/etl/jobs/stream", stream(b":\n\n", HOLD))
        where = {"ETL_MONITOR_API_URL": service.address}
        with running_portal(Path(folder), environment=where) as portal:
            with open_page(portal.url) as page:
                parts = page.components
            names = {f"{part.component_name}/{part.js_source_path}" for part in parts}
            files = [requests.get(f"{portal.url}{_FILES}/{name}", timeout=10) for name in names]
    sent = sum(part.ByteSize() for part in parts)
    size = {reply.url.rpartition("/")[2]: len(reply.content) for reply in files}
    as_text = sent + sum(size[part.js_source_path] for part in parts)
    print(f"{count} jobs, {len(parts)} elements: {sent / 1000:.0f} kB")
    print(f"with the scripts as text: {as_text / 1000:.0f} kB")
    print(f"once, kept by the browser: {sum(map(_sent, files)) / 1000:.0f} kB (compressed)")


def _sent(reply: requests.Response) -> int:
    return int(reply.headers.get("Content-Length", len(reply.content)))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
