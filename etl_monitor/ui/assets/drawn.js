// Tells back now and then when news had been drawn, by this browser's own stopwatch: see latency.py.
const REPORT_AFTER = 4000; // ms; a report reruns the bus, so it waits for others to come along
const drawings = { table: null, waiting: [], timer: null, hides: 0, bus: null };

document.addEventListener("visibilitychange", () => (drawings.hides += 1));

function noteDrawn(bus) {
  const { drawing, table } = bus.data;
  if (table !== drawings.table) drawings.waiting = []; // another session knows nothing of them
  Object.assign(drawings, { bus, table });
  if (drawing === null || document.hidden) return; // a hidden page paints nothing
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
  const report = drawings.waiting.map(([drawing, at]) => [drawing, now - at]);
  Object.assign(drawings, { waiting: [], timer: null });
  const { parentElement, setTriggerValue } = drawings.bus;
  if (parentElement.isConnected) setTriggerValue("drawn", report);
}
