// Tells back now and then when news had been drawn, by this browser's own stopwatch: see latency.py.
const REPORT_AFTER = 4000; // ms, so that others come along
const drawings = { table: null, paintReportUrl: null, waiting: [], timer: null, hides: 0 };

document.addEventListener("visibilitychange", () => (drawings.hides += 1));

function noteDrawn({ rendering: drawing, session: table, paintReportUrl }) {
  if (table !== drawings.table) drawings.waiting = []; // another session knows nothing of them
  Object.assign(drawings, { table, paintReportUrl });
  if (drawing === null || paintReportUrl === null || document.hidden) return; // a hidden page paints nothing
  const { hides } = drawings;
  // When the next frame's own tasks are done, what was changed before it is on the screen.
  requestAnimationFrame(() => setTimeout(() => {
    if (drawings.hides !== hides) return;
    drawings.waiting.push([drawing, performance.now()]);
    drawings.timer ??= setTimeout(reportDrawn, REPORT_AFTER);
  }));
}

function reportDrawn() {
  const now = performance.now();
  const drawn = drawings.waiting.map(([drawing, at]) => [drawing, now - at]);
  Object.assign(drawings, { waiting: [], timer: null });
  if (line.cutAt !== null) return; // nobody is there
  const body = JSON.stringify({ table: drawings.table, drawn });
  fetch(drawings.paintReportUrl, { method: "POST", headers: { "Content-Type": "application/json" }, body, keepalive: true }).catch(() => {});
}
