"""In no painted frame do two parts of a page show different versions of a job."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import PORTAL_GONE, OpenPage
from tests.support.eventually import eventually
from tests.support.marks import jobs
from tests.support.portal_process import running_portal

# Compares in each painted frame all elements that show the same job.
WATCH = """
() => {
  const seen = { frames: 0, compared: 0, values: new Set(), disagreements: [] };
  window.seen = seen;
  const check = () => {
    const shown = {};
    for (const element of document.querySelectorAll("[data-job-id]")) {
      const { jobId, status, progress } = element.dataset;
      (shown[jobId] ??= new Set()).add(`${status} ${progress}`);
    }
    for (const [job, states] of Object.entries(shown)) {
      states.forEach((state) => seen.values.add(`${job} ${state}`));
      if (states.size > 1) seen.disagreements.push([job, ...states]);
    }
    const twice = document.querySelectorAll(".etl-card[data-job-id]");
    seen.compared += [...twice].filter((one) => document.querySelectorAll(
      `[data-job-id="${one.dataset.jobId}"]`).length > 1).length;
    seen.frames += 1;
    requestAnimationFrame(check);
  };
  requestAnimationFrame(check);
}
"""
RESULT = """
() => ({ frames: seen.frames, compared: seen.compared, values: seen.values.size,
         disagreements: seen.disagreements.slice(0, 5) })
"""


def test_no_frame_shows_two_versions(tmp_path: Path, open_page: OpenPage) -> None:
    samples = {"ETL_MONITOR_SAMPLES": "true", "ETL_MONITOR_SAMPLES_MINUTES": "1"}
    with running_portal(tmp_path, environment=samples) as portal:
        page = open_page(portal.url, height=2000, expects=PORTAL_GONE)
        expect(jobs(page, status="running").first).to_be_visible(timeout=60_000)
        page.evaluate(WATCH)

        def enough_was_compared() -> None:
            result = page.evaluate(RESULT)
            assert result["values"] >= 40
            assert result["compared"] >= 200

        eventually(enough_was_compared, within=90, every=0.5)
        assert page.evaluate(RESULT)["disagreements"] == []
