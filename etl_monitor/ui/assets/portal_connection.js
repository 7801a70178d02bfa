// @ts-check
// This page's own connection to the portal, as Streamlit marks it. While it is cut, nothing here is
// live, whatever the portal sent last.
import { portalNow } from "./clock.js";
import { createContext, useEffect, useState } from "./vendor/htm-preact.js";

/** @import { Freshness } from "./payloads.d.ts" */
/** @import { SetState } from "./vendor/htm-preact.js" */

const STATE = "data-test-connection-state";
const SCRIPT_STATE = "data-test-script-state";

/** @type {{ app: Element | null, cutAt: number | null, watchers: Set<SetState<number>> }} */
const connection = { app: null, cutAt: null, watchers: new Set() };

export const isCut = () => connection.cutAt !== null;

/** Whether a run of the page or of a fragment is requested or under way. */
export const isRunning = () => (connection.app?.getAttribute(SCRIPT_STATE) ?? "notRunning") !== "notRunning";

function readState() {
  const isCutNow = connection.app?.getAttribute(STATE) !== "CONNECTED";
  if (isCutNow === isCut()) return;
  connection.cutAt = isCutNow ? portalNow() : null;
  connection.watchers.forEach((redraw) => redraw((n) => n + 1));
}

function watchState() {
  const app = document.querySelector(`[${STATE}]`);
  if (app === null || app === connection.app) return;
  connection.app = app;
  new MutationObserver(readState).observe(app, { attributeFilter: [STATE] });
}

/** Call `changed` whenever the connection is cut or back. @param {() => void} changed */
export function watchConnection(changed) {
  watchState();
  connection.watchers.add(changed);
}

/** When the connection was cut, in ms of the portal's clock; null while it holds. */
export function useCutAt() {
  const [, redraw] = useState(0);
  useEffect(() => {
    watchState();
    connection.watchers.add(redraw);
    return () => void connection.watchers.delete(redraw);
  }, []);
  return connection.cutAt;
}

/**
 * The payload with its true freshness: stale while the connection is cut.
 * @template {Partial<Freshness>} P
 * @param {P} payload
 * @returns {P}
 */
export function useFreshness(payload) {
  const cutAt = useCutAt();
  if (cutAt === null) return payload;
  const wasLive = payload.freshness === "live";
  const receivedAt = wasLive ? new Date(cutAt).toISOString() : payload.receivedAt;
  return { ...payload, freshness: "stale", receivedAt };
}

// The moment at which the clocks of a view stand still: what is not live has no running clock. Null:
// they run.
export const FrozenClock = createContext(/** @type {number | null} */ (null));

/** @param {Partial<Freshness>} payload */
export const frozenAt = ({ freshness, receivedAt }) =>
  freshness !== "live" && receivedAt ? Date.parse(receivedAt) : null;
