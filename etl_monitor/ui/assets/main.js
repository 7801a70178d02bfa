// @ts-check
// Draws the mounted views, and hands them the updates of the bus: see live/bus.py. An update for a view
// that an older run of the page mounted is late, and dropped.
import { Badge } from "./badge.js";
import { clock } from "./clock.js";
import { Enclosed, isDialogOpen, isEnclosed, isInForm } from "./dialog.js";
import { Downloads } from "./downloads.js";
import { isOlder, keepUpdates } from "./frames.js";
import { Keys } from "./keys.js";
import { Monitor } from "./monitor.js";
import { OneJob } from "./one_job.js";
import { reportPaint } from "./paint_report.js";
import { Results } from "./results.js";
import { Sections, TableView } from "./sections.js";
import { html, render } from "./vendor/htm-preact.js";

/** @import { FrameOrder, LatestUpdates } from "./frames.js" */
/** @import { BusFrame, Frame, MountFrame } from "./payloads.d.ts" */
/** @typedef {(name: "action", value: { kind: string, id: string, text?: string }) => void} SetTrigger */
/** @typedef {{ parent: Element, root: Element, view: string, setTriggerValue: SetTrigger, frame?: FrameOrder }} Mount */

/** @type {Record<string, unknown>} */
const VIEWS = {
  badge: Badge,
  monitor: Monitor,
  results: Results,
  job: OneJob,
  keys: Keys,
  table: TableView,
  sections: Sections,
  downloads: Downloads,
};
const RETRY_AFTER = 1000; // ms

// Both outlive this script, which Streamlit may load again. `latest` is also for a view that the page
// mounts only now: in a slow browser both come at once, and its own data are older than the bus's.
const shared = /** @type {{ __etlMonitorMounts?: Map<string, Mount>, __etlMonitorUpdates?: LatestUpdates }} */ (globalThis);
const mounts = (shared.__etlMonitorMounts ??= new Map());
const latest = (shared.__etlMonitorUpdates ??= new Map());

/** @param {Mount} mount @param {Frame} frame @param {unknown} data */
function draw(mount, frame, data) {
  if (mount.frame && isOlder(frame, mount.frame)) return;
  mount.frame = { session: frame.session, run: frame.run, version: frame.version };
  const onAction = (/** @type {string} */ kind, id = "", text = "") => mount.setTriggerValue("action", { kind, id, text });
  const view = html`<${VIEWS[mount.view]} data=${data} onAction=${onAction} language=${frame.language} />`;
  render(html`<${Enclosed.Provider} value=${isEnclosed(mount.root)}>${view}<//>`, mount.root);
}

/** @param {BusFrame} frame */
function deliver(frame) {
  keepUpdates(latest, frame);
  for (const [key, data] of Object.entries(frame.updates)) {
    const mount = mounts.get(key);
    if (mount) draw(mount, frame, data);
  }
}

// The page around a view is outdated: has it run again, but not while a dialog is open.
/** @param {string} key */
function refresh(key) {
  const mount = mounts.get(key);
  if (!mount) return;
  if (isDialogOpen()) setTimeout(() => refresh(key), RETRY_AFTER);
  else mount.setTriggerValue("action", { kind: "refresh", id: "" });
}

/** @param {{ parentElement: Element, setTriggerValue: SetTrigger, data: MountFrame }} component */
function mountIn({ parentElement, setTriggerValue, data }) {
  let mount = mounts.get(data.mount);
  if (!mount || mount.parent !== parentElement) {
    const root = parentElement.appendChild(document.createElement("div"));
    root.className = "etl-monitor";
    root.toggleAttribute("data-in-form", isInForm(root));
    mount = { parent: parentElement, root, view: data.view, setTriggerValue };
    mounts.set(data.mount, mount);
  }
  mount.setTriggerValue = setTriggerValue;
  const newest = latest.get(data.mount);
  if (newest && isOlder(data, newest.frame)) draw(mount, newest.frame, newest.data);
  else draw(mount, data, data.data);
  return () => {
    if (mounts.get(data.mount) !== mount || document.contains(mount.root)) return;
    render(null, mount.root);
    mounts.delete(data.mount);
  };
}

/** @param {{ parentElement: Element, setTriggerValue: SetTrigger, data: MountFrame | BusFrame }} component */
export default function (component) {
  const { data } = component;
  clock.offset = Date.parse(data.now) - Date.now();
  clock.actedAt = data.actedAt;
  clock.justNow = data.justNow;
  if ("mount" in data) return mountIn({ ...component, data });
  deliver(data);
  if (data.outdated[0] !== undefined) refresh(data.outdated[0]);
  return reportPaint(data);
}
