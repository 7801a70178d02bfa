// @ts-check
// Tells screen readers which jobs ended since the last announcement, in one sentence, at most every
// few seconds.
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { JobOutcomes } from "./payloads.d.ts" */

const INTERVAL = 5000; // ms
// A sentence that equals the one before is not read out, so the element is empty for a moment.
const PAUSE = 200; // ms

/**
 * How many of the jobs that were active have ended since, by status, added to `counts`.
 * @param {Iterable<string>} activeBefore
 * @param {JobOutcomes["ended"]} ended
 * @param {Record<string, number>} counts
 */
export function countEnded(activeBefore, ended, counts) {
  const sums = { ...counts };
  for (const id of activeBefore) {
    const status = ended[id];
    if (status) sums[status] = (sums[status] ?? 0) + 1;
  }
  return sums;
}

/**
 * @param {JobOutcomes} outcomes
 * @param {Record<string, string>} sentences by status, with `{n}`
 */
export function useAnnouncements({ active, ended }, sentences) {
  const [text, setText] = useState("");
  const activeBefore = useRef(/** @type {Iterable<string>} */ ([]));
  const counts = useRef(/** @type {Record<string, number>} */ ({}));
  const timer = useRef(/** @type {number | null} */ (null));
  const announce = () => {
    timer.current = null;
    const parts = Object.entries(counts.current);
    setText(parts.map(([status, n]) => (sentences[status] ?? "").replace("{n}", String(n))).join(", "));
    counts.current = {};
  };
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  useEffect(() => {
    counts.current = countEnded(activeBefore.current, ended, counts.current);
    activeBefore.current = active;
    if (Object.keys(counts.current).length === 0 || timer.current !== null) return;
    timer.current = setTimeout(() => {
      setText("");
      timer.current = setTimeout(announce, PAUSE);
    }, INTERVAL);
  });
  return html`<div class="etl-visually-hidden" role="status" aria-live="polite">${text}</div>`;
}
