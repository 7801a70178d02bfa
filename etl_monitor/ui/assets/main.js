// @ts-check
// Draws the mounted views, and what is new for them: see live/bus.py. News for a view that an older run of
// the page mounted are late, and dropped.
import { Badge } from "./badge.js";
import { keep, keepOnlyOf, settle } from "./bus.js";
import { clock } from "./clock.js";
import { Enclosed, isDialogOpen, isEnclosed, isInForm } from "./dialog.js";
import { Downloads } from "./downloads.js";
import { isOlder } from "./frames.js";
import { Keys } from "./keys.js";
import { askSoon, follow } from "./live.js";
import { Monitor } from "./monitor.js";
import { rememberUsed, showNotices } from "./notices.js";
import { OneJob } from "./one_job.js";
import { withDetails } from "./open_jobs.js";
import { reportPaint } from "./paint_report.js";
import { patched } from "./patches.js";
import { Results } from "./results.js";
import { Sections, TableView } from "./sections.js";
import { html, render } from "./vendor/htm-preact.js";

/** @import { Shown } from "./bus.js" */
/** @import { Drawn, FrameOrder } from "./frames.js" */
/** @import { BusFrame, LiveMessage, MountFrame, NoticesFrame } from "./payloads.d.ts" */
/** @typedef {(name: "action" | "resync", value: { kind: string, id: string, text?: string } | true) => void} SetTrigger */
/** @typedef {FrameOrder & { language: string }} DrawnFrame */
/**
 * `live`: the drawing that the live socket takes it to show. `inner`: the keys of the views within it, by the ids
 * of their rows; `outer`: around it.
 * @typedef {Shown & { key: string, parent: Element, root: Element, view: string, setTriggerValue: SetTrigger, frame?: DrawnFrame,
 *   live: number | null, inner: Record<string, string>, outer?: Mount }} Mount
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
const PERSONAL = ["openJobs", "startedJobs", "bulkActions"]; // parts of a drawing that no channel has

/** Of which cause each view was run again last. @type {Map<string, string>} */
const refreshed = new Map();
/** Views whose data have changed since they were painted. @type {Set<Mount>} */
const waiting = new Set();
/** What the bus sent for paint reports. @type {{ session: string, paintReportUrl: string | null }} */
let paint = { session: "", paintReportUrl: null };

// Outlives this script, which Streamlit may load again.
const shared = /** @type {{ __etlMonitorMounts?: Map<string, Mount> }} */ (globalThis);
const mounts = (shared.__etlMonitorMounts ??= new Map());

/** Returns false if the page shows something newer. @param {Mount} mount @param {DrawnFrame} frame @param {Drawn} drawn */
function draw(mount, frame, { data, mounting, drawing }) {
  if (mount.frame && isOlder(frame, mount.frame)) return false;
  const { session, run, version, language } = frame;
  const isEqual = mount.frame?.language === language && mount.data === data;
  Object.assign(mount, { frame: { session, run, version, language }, data, mounting, drawing, settled: undefined });
  if (!isEqual) waiting.add(mount.outer ?? mount);
  return true;
}

/** Shows what `draw` has changed, each view once. */
function paintWaiting() {
  waiting.forEach(paintView);
  waiting.clear();
}

/** @param {Mount} mount */
function paintView(mount) {
  const onAction = (/** @type {string} */ kind, id = "", text = "") => {
    rememberUsed(mount.parent);
    mount.setTriggerValue("action", { kind, id, text });
  };
  const { data, missing } = withDetails(mount.data, (id) => mounts.get(mount.inner[id] ?? "")?.data);
  const view = html`<${VIEWS[mount.view]} data=${data} onAction=${onAction} language=${mount.frame?.language} />`;
  render(html`<${Enclosed.Provider} value=${isEnclosed(mount.root)}>${view}<//>`, mount.root);
  if (missing !== null) refreshOnce({ [mount.key]: `${missing} in run ${mount.frame?.run}` });
}

/** @param {BusFrame} frame @param {() => void} request */
function deliver(frame, request) {
  paint = { session: frame.session, paintReportUrl: frame.paintReportUrl };
  keep(frame, request);
  const isSettled = settle(mounts, draw);
  paintWaiting();
  if (isSettled) reportPaint(frame);
  refreshOnce(frame.outdated);
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
    current.forEach(([, mount]) => (mount.live = mount.drawing));
    return Object.fromEntries(current.map(([key, mount]) => [key, mount.drawing]));
  },
  apply: (message) => {
    clock.offset = Date.parse(message.now) - Date.now();
    const news = Object.entries(message.views);
    // All views or none: they show one version.
    if (news.some(([key, { patch }]) => patch && !leadsOn(mounts.get(key)))) return false;
    for (const [key, part] of Object.entries(message.personal)) {
      const mount = mounts.get(key);
      if (mount?.frame) draw(mount, mount.frame, { ...mount, data: { ...mount.data, ...part } });
    }
    const areCurrent = news.map(([key, part]) => drawNews(message, mounts.get(key), part));
    paintWaiting();
    refreshOnce(message.outdated);
    reportPaint({ ...paint, rendering: message.rendering });
    return areCurrent.every(Boolean);
  },
  refresh: () => void [...mounts.keys()].slice(0, 1).forEach(refresh),
};

// The bus may have drawn it since.
/** @param {Mount | undefined} mount */
const leadsOn = (mount) => !mount || (mount.drawing !== null && mount.drawing === mount.live);

/** Returns false if the page shows something newer. @param {LiveMessage} message @param {Mount | undefined} mount @param {Record<string, any>} news */
function drawNews(message, mount, { whole, patch }) {
  if (!mount?.frame) return true; // it has gone
  const frame = { ...mount.frame, version: message.storeVersion };
  const personal = Object.fromEntries(PERSONAL.filter((name) => name in mount.data).map((name) => [name, mount.data[name]]));
  const data = patch ? patched(mount.data, patch) : { ...whole, ...personal };
  mount.live = message.version;
  return draw(mount, frame, { data, mounting: mount.mounting, drawing: message.version });
}

/** Draws the views within one, and forgets those that have gone. @param {Mount} outer @param {MountFrame} frame */
function mountInner(outer, frame) {
  if (outer.frame && isOlder({ ...frame, version: Infinity }, outer.frame)) return;
  const inner = Object.entries(frame.inner ?? {});
  const before = outer.inner;
  outer.inner = Object.fromEntries(inner.map(([row, { mount }]) => [row, mount]));
  const gone = Object.values(before).filter((key) => !Object.values(outer.inner).includes(key));
  gone.forEach((key) => mounts.delete(key));
  if (Object.keys(before).join("\n") !== Object.keys(outer.inner).join("\n")) waiting.add(outer);
  for (const [, part] of inner) {
    const last = mounts.get(part.mount);
    const mount = last?.outer === outer ? last : { ...outer, ...part, key: part.mount, outer, inner: {}, frame: undefined, live: null };
    mounts.set(part.mount, mount);
    draw(mount, frame, part);
  }
}

/** @param {{ parentElement: Element, setTriggerValue: SetTrigger, data: MountFrame }} component */
function mountIn({ parentElement, setTriggerValue, data }) {
  let mount = mounts.get(data.mount);
  if (!mount || mount.parent !== parentElement) {
    const root = parentElement.appendChild(document.createElement("div"));
    root.className = "etl-monitor";
    root.toggleAttribute("data-in-form", isInForm(root));
    const { mounting, view } = data;
    mount = { key: data.mount, parent: parentElement, root, view, setTriggerValue, data: null, mounting, drawing: null, live: null, inner: {} };
    mounts.set(data.mount, mount);
  }
  mount.setTriggerValue = setTriggerValue;
  draw(mount, data, data);
  mountInner(mount, data);
  keepOnlyOf(data.session);
  settle(mounts, draw); // in a slow browser both come at once, and these data are older than the bus's
  paintWaiting();
  if (data.live) follow(data.live, livePage);
  return () => {
    if (mounts.get(data.mount) !== mount || document.contains(mount.root)) return;
    render(null, mount.root);
    [data.mount, ...Object.values(mount.inner)].forEach((key) => mounts.delete(key));
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
  return deliver(data, () => component.setTriggerValue("resync", true));
}
