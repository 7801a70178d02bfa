// @ts-check
// The newest frame of the bus: see live/bus_news.py. All views take their news or none, so that the page
// shows one version. If one of them has missed too much, the page asks for wholes.
import { isCut, isRunning } from "./portal_connection.js";
import { isOf, isOlder, taken } from "./frames.js";

/** @import { Drawn, FrameOrder } from "./frames.js" */
/** @import { BusFrame } from "./payloads.d.ts" */
/**
 * `settled`: the frame of which it shows the news, since it was drawn last.
 * @typedef {Drawn & { frame?: FrameOrder, settled?: BusFrame }} Shown
 */
/**
 * `request`: asks for wholes. `lackedAt`: since when a view lacks something; `requestedAt`: of the last request;
 * both by performance.now().
 * @typedef {{ frame: BusFrame | null, request: () => void, lackedAt: number | null, requestedAt: number, timer?: number }} Bus
 */

const MOUNTED_AFTER = 1000; // ms in which a browser draws the views of a run
const REQUEST_EVERY = 1000; // ms at least
const RETRY = { busy: 200, unanswered: 5000 }; // ms

// Outlives this script, which Streamlit may load again.
const shared = /** @type {{ __etlMonitorBus?: Bus }} */ (globalThis);
const bus = (shared.__etlMonitorBus ??= { frame: null, request: () => {}, lackedAt: null, requestedAt: -Infinity });

/** Keep a frame until a newer one comes. @param {BusFrame} frame @param {() => void} request */
export function keep(frame, request) {
  if (bus.frame && isOlder(frame, bus.frame)) return;
  Object.assign(bus, { frame, request });
}

/** Forget the frame if it is of another session, as after a restart. @param {string} session */
export function keepOnlyOf(session) {
  if (bus.frame?.session !== session) Object.assign(bus, { frame: null, lackedAt: null });
}

/**
 * Let the views take what is new for them. Returns false if one of them lacks something: call it again when
 * there are more views.
 * @template {Shown} V
 * @param {Map<string, V>} views
 * @param {(view: V, frame: BusFrame, next: Drawn) => void} draw
 */
export function settle(views, draw) {
  clearTimeout(bus.timer);
  const { frame } = bus;
  if (frame === null) return false;
  const news = newsOf(frame, views);
  const lacking = news.filter(({ next }) => next === null);
  if (lacking.length > 0) return waitOrRequest(lacking.some(({ isHere }) => isHere));
  bus.lackedAt = null;
  for (const { view, next } of news) {
    if (next && next !== view) draw(view, frame, next);
    view.settled = frame;
  }
  return true;
}

/** @template {Shown} V @param {BusFrame} frame @param {Map<string, V>} views */
function newsOf(frame, views) {
  return Object.entries(frame.updates).flatMap(([key, news]) => {
    const view = views.get(key);
    if (!view?.frame || view.settled === frame) return [];
    const shown = /** @type {V & { frame: FrameOrder }} */ (view);
    return [{ view, next: taken(shown, frame, news), isHere: isOf(shown, frame, news) }];
  });
}

/** @param {boolean} isHere whether the view is there, so that only a whole helps */
function waitOrRequest(isHere) {
  const now = performance.now();
  bus.lackedAt ??= now;
  const at = Math.max(bus.lackedAt + (isHere ? 0 : MOUNTED_AFTER), bus.requestedAt + REQUEST_EVERY);
  bus.timer = setTimeout(sendRequest, at - now);
  return false;
}

// Not while the page runs: Streamlit would take it for a run of the page that it shows now.
function sendRequest() {
  const isBusy = isCut() || isRunning();
  if (!isBusy) {
    bus.requestedAt = performance.now();
    bus.request();
  }
  bus.timer = setTimeout(sendRequest, isBusy ? RETRY.busy : RETRY.unanswered);
}
