// @ts-check
// Which of two renderings of a view is newer.

/** @import { BusFrame, Frame } from "./payloads.d.ts" */
/** @typedef {Pick<Frame, "session" | "run" | "version">} FrameOrder */
/** @typedef {Map<string, { frame: BusFrame, data: any }>} LatestUpdates */

// Within one session only. A browser that was away may find another one, which counts from the start.
/** @param {FrameOrder} a @param {FrameOrder} b */
export const isOlder = (a, b) =>
  a.session === b.session && (a.run < b.run || (a.run === b.run && a.version < b.version));

/**
 * Keeps the updates of a frame and forgets those of other runs.
 * @param {LatestUpdates} latest
 * @param {BusFrame} frame
 */
export function keepUpdates(latest, frame) {
  latest.forEach((update, key) => update.frame.run !== frame.run && latest.delete(key));
  Object.entries(frame.updates).forEach(([key, data]) => latest.set(key, { frame, data }));
}
