// @ts-check
// Draws the mounted views, and hands them the updates of the bus: see live/bus.py. An update for a view
// that an older run of the page mounted is late, and dropped.
import { Badge } from "./badge.js";
import { clock } from "./clock.js";
import { Enclosed, isDialogOpen, isEnclosed, isInForm } from "./dialog.js";
import { Downloads } from "./downloads.js";
import { isOlder, keepUpdates } from "./frames.js";
import { Keys } from "./keys.js";
import { askSoon, follow } from "./live.js";
import { Monitor } from "./monitor.js";
import { rememberUsed, showNotices } from "./notices.js";
import { OneJob } from "./one_job.js";
import { reportPaint } from "./paint_report.js";
import { patched } from "./patches.js";
import { Results } from "./results.js";
import { Sections, TableView } from "./sections.js";
import { html, render } from "./vendor/htm-preact.js";

/** @import { FrameOrder, LatestUpdates } from "./frames.js" */
/** @import { BusFrame, LiveMessage, MountFrame, NoticesFrame } from "./payloads.d.ts" */
/** @typedef {(name: "action", value: { kind: string, id: string, text?: string }) => void} SetTrigger */
/** @typedef {FrameOrder & { language: string }} DrawnFrame */
/**
 * `drawing`: the number of the drawing in its channel that `data` is; null if it is none.
 * @typedef {{ parent: Element, root: Element, view: string, setTriggerValue: SetTrigger, frame?: DrawnFrame,
 *   data?: any, drawing: number | null }} Mount
 */

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
const PERSONAL = ["startedJobs", "bulkActions"]; // parts of a drawing that no channel has

/** Of which cause each view was run again last. @type {Map<string, string>} */
const refreshed = new Map();
/** What the bus sent for paint reports. @type {{ session: string, paintReportUrl: string | null }} */
let paint = { session: "", paintReportUrl: null };

// Both outlive this script, which Streamlit may load again. `latest` is also for a view that the page
// mounts only now: in a slow browser both come at once, and its own data are older than the bus's.
const shared = /** @type {{ __etlMonitorMounts?: Map<string, Mount>, __etlMonitorUpdates?: LatestUpdates }} */ (globalThis);
const mounts = (shared.__etlMonitorMounts ??= new Map());
const latest = (shared.__etlMonitorUpdates ??= new Map());

/** Returns false if the page shows something newer. @param {Mount} mount @param {DrawnFrame} frame @param {any} data */
function draw(mount, frame, data, drawing = /** @type {number | null} */ (null)) {
  if (mount.frame && isOlder(frame, mount.frame)) return false;
  const { session, run, version, language } = frame;
  Object.assign(mount, { frame: { session, run, version, language }, data, drawing });
  const onAction = (/** @type {string} */ kind, id = "", text = "") => {
    rememberUsed(mount.parent);
    mount.setTriggerValue("action", { kind, id, text });
  };
  const view = html`<${VIEWS[mount.view]} data=${data} onAction=${onAction} language=${frame.language} />`;
  render(html`<${Enclosed.Provider} value=${isEnclosed(mount.root)}>${view}<//>`, mount.root);
  return true;
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

// Once for each cause of each view.
/** @param {Record<string, string>} outdated */
function refreshOnce(outdated) {
  const [key] = Object.keys(outdated).filter((name) => outdated[name] !== refreshed.get(name));
  if (key === undefined) return;
  refreshed.set(key, outdated[key] ?? "");
  refresh(key);
}

const newestRun = () => Math.max(0, ...[...mounts.values()].map((mount) => mount.frame?.run ?? 0));

/** @type {import("./live.js").LivePage} */
const livePage = {
  run: newestRun,
  drawings: () => {
    const run = newestRun();
    const current = [...mounts].filter(([, mount]) => mount.frame?.run === run);
    return Object.fromEntries(current.map(([key, mount]) => [key, mount.drawing]));
  },
  apply: (message) => {
    clock.offset = Date.parse(message.now) - Date.now();
    for (const [key, part] of Object.entries(message.personal)) {
      const mount = mounts.get(key);
      if (mount?.frame) draw(mount, mount.frame, { ...mount.data, ...part }, mount.drawing);
    }
    const news = Object.entries(message.views);
    // All views or none: they show one version.
    if (news.some(([key, { patch }]) => patch && mounts.get(key)?.drawing === null)) return false;
    const areCurrent = news.map(([key, part]) => drawNews(message, mounts.get(key), part));
    refreshOnce(message.outdated);
    reportPaint({ ...paint, rendering: message.rendering });
    return areCurrent.every(Boolean);
  },
  refresh: () => void [...mounts.keys()].slice(0, 1).forEach(refresh),
};

/** Returns false if the page shows something newer. @param {LiveMessage} message @param {Mount | undefined} mount @param {Record<string, any>} news */
function drawNews(message, mount, { whole, patch }) {
  if (!mount?.frame) return true; // it has gone
  const frame = { ...mount.frame, version: message.storeVersion };
  const personal = Object.fromEntries(PERSONAL.filter((name) => name in mount.data).map((name) => [name, mount.data[name]]));
  return draw(mount, frame, patch ? patched(mount.data, patch) : { ...whole, ...personal }, message.version);
}

/** @param {{ parentElement: Element, setTriggerValue: SetTrigger, data: MountFrame }} component */
function mountIn({ parentElement, setTriggerValue, data }) {
  let mount = mounts.get(data.mount);
  if (!mount || mount.parent !== parentElement) {
    const root = parentElement.appendChild(document.createElement("div"));
    root.className = "etl-monitor";
    root.toggleAttribute("data-in-form", isInForm(root));
    mount = { parent: parentElement, root, view: data.view, setTriggerValue, drawing: null };
    mounts.set(data.mount, mount);
  }
  mount.setTriggerValue = setTriggerValue;
  const newest = latest.get(data.mount);
  if (newest && isOlder(data, newest.frame)) draw(mount, newest.frame, newest.data);
  else draw(mount, data, data.data, data.drawing);
  if (data.live) follow(data.live, livePage);
  return () => {
    if (mounts.get(data.mount) !== mount || document.contains(mount.root)) return;
    render(null, mount.root);
    mounts.delete(data.mount);
    askSoon();
  };
}

/** @param {{ parentElement: Element, setTriggerValue: SetTrigger, data: MountFrame | NoticesFrame | BusFrame }} component */
export default function (component) {
  const { data } = component;
  clock.offset = Date.parse(data.now) - Date.now();
  clock.actedAt = data.actedAt;
  clock.justNow = data.justNow;
  if ("mount" in data) return mountIn({ ...component, data });
  if ("notices" in data) return showNotices(data, [...mounts.values()].map((mount) => mount.parent));
  paint = { session: data.session, paintReportUrl: data.paintReportUrl };
  deliver(data);
  refreshOnce(data.outdated);
  return reportPaint(data);
}
