// @ts-check
// The page's live socket, beside Streamlit's connection: what is new for the views comes over it. See
// live/socket.py. Without it the bus goes on over Streamlit's.
import { isCut, watchConnection } from "./portal_connection.js";

/** @import { Live, LiveMessage } from "./payloads.d.ts" */
/**
 * What the socket needs of the page. `run`: its newest full run. `drawings`: which drawing each view of
 * that run has. `apply`: draw a message; false if the page must ask again. `refresh`: run the page.
 * @typedef {{ run: () => number, drawings: () => Record<string, number | null>,
 *   apply: (message: LiveMessage) => boolean, refresh: () => void }} LivePage
 */
/**
 * `requests`: how many went over this socket; `run`: the page's run in the last one.
 * @typedef {{ page: LivePage | null, live: Live | null, socket: WebSocket | null, requests: number, run: number,
 *   retryAfter: number, refreshedAt: number, timer?: number, isWatching: boolean }} Line
 */

const SIGN_IN_AGAIN = 4401;
const UNKNOWN_SESSION = 4404;
const GATHER = 30; // ms in which the views of a run are mounted, mostly
const RETRY = { first: 500, last: 10_000 }; // ms
const REFRESH_AFTER = 10_000; // ms between two runs of the page because its session is unknown

// Outlives this script, which Streamlit may load again.
const shared = /** @type {{ __etlMonitorLive?: Line }} */ (globalThis);
const line = (shared.__etlMonitorLive ??= {
  page: null, live: null, socket: null, requests: 0, run: 0, retryAfter: RETRY.first, refreshedAt: -Infinity, isWatching: false,
});

/**
 * Follow the views of the page from now on; call it again when they have changed.
 * @param {Live} live
 * @param {LivePage} page
 */
export function follow(live, page) {
  line.page = page;
  if (live.session !== line.live?.session) close();
  line.live = live;
  if (!line.isWatching) watchConnection(() => (isCut() ? close() : askSoon()));
  line.isWatching = true;
  askSoon();
}

/** Say which drawings the page has, once its views are there. */
export function askSoon(after = GATHER) {
  clearTimeout(line.timer);
  line.timer = setTimeout(ask, after);
}

function ask() {
  if (line.live === null || line.page === null || isCut()) return;
  if (line.socket === null) return open(line.live);
  if (line.socket.readyState !== WebSocket.OPEN) return;
  line.requests += 1;
  line.run = line.page.run();
  line.socket.send(JSON.stringify({ session: line.live.session, views: line.page.drawings() }));
}

/** @param {Live} live */
function open(live) {
  const address = new URL(live.path, location.href);
  address.protocol = address.protocol.replace("http", "ws");
  const socket = new WebSocket(address);
  Object.assign(line, { socket, requests: 0 });
  socket.onopen = ask;
  socket.onmessage = ({ data }) => socket === line.socket && receive(JSON.parse(data));
  socket.onclose = ({ code }) => socket === line.socket && closed(code);
}

function close() {
  const { socket } = line;
  line.socket = null;
  socket?.close();
}

/** @param {LiveMessage} message */
function receive(message) {
  line.retryAfter = RETRY.first;
  // It is an answer to the last question, and the page has not run again since.
  if (message.requests !== line.requests || line.page === null || line.page.run() !== line.run) return;
  if (!line.page.apply(message)) askSoon();
}

/** @param {number} code */
function closed(code) {
  line.socket = null;
  const mustRun = code === SIGN_IN_AGAIN || code === UNKNOWN_SESSION;
  if (mustRun && performance.now() - line.refreshedAt > REFRESH_AFTER) {
    line.refreshedAt = performance.now();
    line.page?.refresh();
  }
  if (code === SIGN_IN_AGAIN) return;
  askSoon(line.retryAfter);
  line.retryAfter = Math.min(2 * line.retryAfter, RETRY.last);
}
