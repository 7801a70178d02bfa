// @ts-check
// The connection badge: whether what is shown is live, and how old it is.
import { inSeconds, secondsUntil, timeAgo } from "./clock.js";
import { useCutAt } from "./portal_connection.js";
import { useTick } from "./times.js";
import { html, useEffect, useRef } from "./vendor/htm-preact.js";

/** @import { BadgePayload } from "./payloads.d.ts" */
/** @import { ViewProps } from "./types.d.ts" */

/** @param {ViewProps<BadgePayload>} props */
export function Badge({ data: payload, onAction, language }) {
  useTick(1000);
  const { labels } = payload;
  const data = useCutAt() === null ? payload : withoutPortal(payload);
  useTitle(data.titleCounts);
  const badge = useRef(/** @type {HTMLElement | null} */ (null));
  const connect = (/** @type {MouseEvent} */ { detail }) => {
    onAction("connect");
    if (detail === 0) badge.current?.focus(); // pressed by keyboard, and the button goes
  };
  const next = data.nextTryAt ? Math.max(0, Math.ceil(secondsUntil(data.nextTryAt))) : null;
  return html`<div class="etl-badge" ref=${badge} tabindex="-1" data-connection=${data.state}
      role="status" aria-live="polite">
    <span class="etl-dot" aria-hidden="true"></span>
    <strong>${data.stateText}</strong>
    ${data.attempt && html`<span aria-hidden="true">${data.attempt}</span>`}
    ${next !== null && html`<span class="etl-number" aria-hidden="true">${labels.nextTry} ${inSeconds(next, language)}</span>`}
    ${data.lastEventAt && html`<span class="etl-facts" aria-hidden="true">${labels.lastEvent} ${timeAgo(data.lastEventAt, language, "narrow")}</span>`}
    ${data.reason && html`<span class="etl-facts">${data.reason}</span>`}
    ${data.mayConnect && html`<button type="button" class="etl-button etl-small" onClick=${connect}>${labels.connect}</button>`}
  </div>`;
}

// While the page is cut off from the portal, the portal's own connection is unknown.
/** @param {BadgePayload} payload @returns {BadgePayload} */
const withoutPortal = (payload) => ({
  ...payload,
  state: "reconnecting",
  stateText: payload.labels.reconnecting,
  attempt: "",
  nextTryAt: null,
  reason: "",
  mayConnect: false,
});

// The counts stand before the page's own title, which Streamlit sets again in each full run. What was
// put there outlives this script, which Streamlit may load again.
const shared = /** @type {{ __etlMonitorTitle?: string }} */ (globalThis);

/** @param {string | null} counts null: the title is not ours */
function useTitle(counts) {
  useEffect(() => {
    if (counts === null) return;
    const before = shared.__etlMonitorTitle ?? "";
    const pageTitle = document.title.startsWith(before) ? document.title.slice(before.length) : document.title;
    shared.__etlMonitorTitle = counts ? `(${counts}) ` : "";
    document.title = shared.__etlMonitorTitle + pageTitle;
  });
}
