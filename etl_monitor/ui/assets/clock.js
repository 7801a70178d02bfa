// @ts-check
// The portal's clock, and the durations and relative times that are computed from it.

/**
 * offset: the portal's clock minus the browser's, in ms. actedAt: when this person last cancelled or
 * deleted something, ISO 8601. justNow: the label of a moment less than two seconds ago.
 * @type {{ offset: number, actedAt: string | null, justNow: string }}
 */
export const clock = { offset: 0, actedAt: null, justNow: "" };

export const portalNow = () => Date.now() + clock.offset;

/** @param {string} iso */
export const secondsUntil = (iso) => (Date.parse(iso) - portalNow()) / 1000;

/** Never less than 0. @param {string} iso */
export const secondsSince = (iso) => Math.max(0, -secondsUntil(iso));

/** `04:05`, or `1:04:05` from an hour on. @param {number} seconds */
export function stopwatch(seconds) {
  const twoDigits = (/** @type {number} */ n) => String(Math.floor(n)).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${twoDigits((seconds % 3600) / 60)}:${twoDigits(seconds % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

/**
 * `3 minutes ago`, or `3m ago` where there is little room, in the reader's language.
 * @param {number} seconds @param {string} language @param {"long" | "narrow"} style
 */
export function relativeTime(seconds, language, style = "long") {
  if (seconds < 2 && clock.justNow) return clock.justNow;
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto", style });
  if (seconds < 60) return format.format(-Math.floor(seconds), "second");
  if (seconds < 3600) return format.format(-Math.floor(seconds / 60), "minute");
  if (seconds < 86400) return format.format(-Math.floor(seconds / 3600), "hour");
  return format.format(-Math.floor(seconds / 86400), "day");
}

/** @param {string} iso @param {string} language @param {"long" | "narrow"} [style] */
export const timeAgo = (iso, language, style) => relativeTime(secondsSince(iso), language, style);

/** `5 sec`. @param {number} n @param {string} language */
export const inSeconds = (n, language) =>
  new Intl.NumberFormat(language, { style: "unit", unit: "second" }).format(n);
