// @ts-check
// Reports to the portal when updates were painted, by this browser's own stopwatch: see
// portal/latency.py.
import { isCut } from "./portal_connection.js";

/** @import { BusFrame } from "./payloads.d.ts" */

const REPORT_INTERVAL = 4000; // ms; paints of this time go in one report

/** @type {{ session: string | null, url: string | null, paints: [number, number][], timer: number | null, hidings: number }} */
const report = { session: null, url: null, paints: [], timer: null, hidings: 0 };

document.addEventListener("visibilitychange", () => (report.hidings += 1));

/** @param {Pick<BusFrame, "rendering" | "session" | "paintReportUrl">} frame */
export function reportPaint({ rendering, session, paintReportUrl }) {
  if (session !== report.session) report.paints = []; // another session does not know of them
  report.session = session;
  report.url = paintReportUrl;
  if (rendering === null || paintReportUrl === null || document.hidden) return; // a hidden page paints nothing
  const { hidings } = report;
  // When the next frame's own tasks are done, what changed before it is on the screen.
  requestAnimationFrame(() =>
    setTimeout(() => {
      if (report.hidings !== hidings) return;
      report.paints.push([rendering, performance.now()]);
      report.timer ??= setTimeout(sendReport, REPORT_INTERVAL);
    }),
  );
}

function sendReport() {
  const now = performance.now();
  const ages = report.paints.map(([rendering, paintedAt]) => [rendering, now - paintedAt]);
  report.paints = [];
  report.timer = null;
  if (isCut() || report.url === null) return; // the portal does not answer
  const body = JSON.stringify({ table: report.session, painted: ages });
  const headers = { "Content-Type": "application/json" };
  fetch(report.url, { method: "POST", headers, body, keepalive: true }).catch(() => {});
}
