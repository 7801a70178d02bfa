// @ts-check
// What a rendering of a view, or the news of the bus, makes of what a page shows.
import { patched } from "./patches.js";

/** @import { BusNews, Frame } from "./payloads.d.ts" */
/** @typedef {Pick<Frame, "session" | "run" | "version">} FrameOrder */
/**
 * What a page shows of a view, of which `mounting`. `drawing`: its number in the view's channel; null: none.
 * @typedef {{ data: any, mounting: number, drawing: number | null }} Drawn
 */

// Within one session only. A browser that was away may find another one, which counts from the start.
/** @param {FrameOrder} a @param {FrameOrder} b */
export const isOlder = (a, b) =>
  a.session === b.session && (a.run < b.run || (a.run === b.run && a.version < b.version));

/**
 * Returns what the view shows after the news; null if their changes do not lead on from what it shows. News
 * that are late leave it as it is.
 * @param {Drawn & { frame: FrameOrder }} shown
 * @param {FrameOrder} frame
 * @param {BusNews} news
 * @returns {Drawn | null}
 */
export function taken(shown, frame, news) {
  if (isLate(shown, frame, news)) return shown;
  const { mounting, drawing, whole } = news;
  if (whole) return { data: { ...whole, ...news.personal }, mounting: mounting ?? shown.mounting, drawing };
  return isOf(shown, frame, news) && has(shown, news.base ?? null) ? withChanges(shown, news) : null;
}

/** Whether they are news of this mount of the view. @param {Drawn & { frame: FrameOrder }} shown @param {FrameOrder} frame @param {BusNews} news */
export const isOf = (shown, frame, { mounting }) => frame.session === shown.frame.session && mounting === shown.mounting;

/** @param {Drawn & { frame: FrameOrder }} shown @param {FrameOrder} frame @param {BusNews} news */
function isLate(shown, frame, news) {
  if (frame.session !== shown.frame.session) return false;
  if (isOlder(frame, shown.frame) || (news.mounting ?? Infinity) < shown.mounting) return true;
  return isOf(shown, frame, news) && news.whole !== undefined && has(shown, news.drawing);
}

/** @param {Drawn} shown @param {BusNews} news */
function withChanges(shown, { drawing, changes = [], personal }) {
  const lacking = changes.filter(([number]) => !has(shown, number)).map(([, patch]) => patch);
  const data = patched(shown.data, { then: [...lacking, ...changed(shown.data, personal)] });
  return { data, mounting: shown.mounting, drawing: has(shown, drawing) ? shown.drawing : drawing };
}

/** @param {Drawn} shown @param {number | null} number */
const has = ({ drawing }, number) => drawing !== null && number !== null && drawing >= number;

// As patches, so that what is equal stays the same object.
/** @param {any} data @param {Record<string, any>} personal */
function changed(data, personal) {
  const parts = Object.entries(personal).filter(([name, part]) => JSON.stringify(data[name]) !== JSON.stringify(part));
  return parts.length ? [{ set: Object.fromEntries(parts) }] : [];
}
