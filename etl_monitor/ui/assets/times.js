// @ts-check
// Times that run on between two updates. All other texts come ready from Python.
import { portalNow, stopwatch, timeAgo } from "./clock.js";
import { FrozenClock } from "./portal_connection.js";
import { html, useContext, useEffect, useState } from "./vendor/htm-preact.js";

/** Draws the component again and again. @param {number} milliseconds */
export function useTick(milliseconds) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
}

// The portal's time; in a view that is not live, the time of its last update.
function useNow() {
  useTick(1000);
  return useContext(FrozenClock) ?? portalNow();
}

/** @param {{ since: string, label: string }} props */
export function Elapsed({ since, label }) {
  const seconds = (useNow() - Date.parse(since)) / 1000;
  return html`<span class="etl-number">${label} ${stopwatch(Math.max(0, seconds))}</span>`;
}

/** @param {{ until: string, label: string }} props */
export function Remaining({ until, label }) {
  const seconds = (Date.parse(until) - useNow()) / 1000;
  return html`<span class="etl-number">${label} ${stopwatch(Math.max(0, seconds))}</span>`;
}

/**
 * How long ago it was. `interval`: milliseconds until it is computed again.
 * @param {{ at: string, language: string, title: string, interval?: number, kind?: string }} props
 */
export function Ago({ at, language, title, interval = 10000, kind }) {
  useTick(interval);
  return html`<time class=${kind} datetime=${at} title=${title}>${timeAgo(at, language)}</time>`;
}
