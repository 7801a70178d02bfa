"""What a person sees: in no frame do two places of a page disagree about a job."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import jobs
from tests.support.portal_process import running_portal

# In each frame that the browser paints: every job that is drawn more than once, and how.
WATCH = """
() => {
  const seen = { frames: 0, compared: 0, values: new Set(), disagreements: [] };
  window.seen = seen;
  const look = () => {
    const drawn = {};
    for (const one of document.querySelectorAll("[data-job-id]")) {
      const { jobId, status, progress } = one.dataset;
      (drawn[jobId] ??= new Set()).add(`${status} ${progress}`);
    }
    for (const [job, states] of Object.entries(drawn)) {
      states.forEach((state) => seen.values.add(`${job} ${state}`));
      if (states.size > 1) seen.disagreements.push([job, ...states]);
    }
    const twice = document.querySelectorAll(".etl-card[data-job-id]");
    seen.compared += [...twice].filter((one) => document.querySelectorAll(
      `[data-job-id="${one.dataset.jobId}"]`).length > 1).length;
    seen.frames += 1;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}
"""
TOLD = """
() => ({ frames: seen.frames, compared: seen.compared, values: seen.values.size,
         disagreements: seen.disagreements.slice(0, 5) })
"""


def test_no_frame_shows_two_versions(tmp_path: Path, open_page: OpenPage) -> None:
    with running_portal(tmp_path, environment={"ETL_MONITOR_SAMPLES": "true"}) as portal:
        page = open_page(portal.url, height=2000, expects=PORTAL_GONE)
        expect(jobs(page, status="running").first).to_be_visible(timeout=60_000)
        page.evaluate(WATCH)

        def enough_was_seen() -> None:
            told = page.evaluate(TOLD)
            assert told["values"] >= 40
            assert told["compared"] >= 200

        eventually(enough_was_seen, within=90, every=0.5)
        assert page.evaluate(TOLD)["disagreements"] == []
