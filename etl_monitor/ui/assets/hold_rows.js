// @ts-check
// Rows keep their place while the pointer moves among them, the focus of a keyboard is there, or a
// dialog is open. A pointer that rests releases them: the page goes on.
import { clock, secondsSince } from "./clock.js";
import { isDialogOpen } from "./dialog.js";
import { hasFocus, idOf, moveFocusOn, useFocusReturn } from "./focus.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { ListRow, RowStyle } from "./types.d.ts" */
/** @typedef {{ height: number, open: boolean, hasProblem: boolean }} RowSize */
/**
 * The rows as they were when holding began: their ids by list, and their sizes.
 * @typedef {{ key: string, ids: Record<string, string[]>, sizes: Map<string | undefined, RowSize> }} Hold
 */
/**
 * `rows`: what to draw. `waiting`: how many new rows are not drawn yet. `watch`: properties of the
 * element that holds the rows.
 * @template {ListRow} R
 * @typedef {{ rows: Record<string, R[]>, waiting: number, release: () => void, style: RowStyle,
 *   watch: Record<string, unknown> }} HeldRows
 */

const PROBLEM = ".etl-problem, .etl-why";
const HOLD_FREE = 5; // seconds after this person removed something, in which its row may go
const REST = 5_000; // ms after which a pointer that does not move releases the rows
const TYPING_REST = 120_000; // ms, while a text is being typed elsewhere on the page

/** @param {ListRow[]} rows */
const idsOf = (rows) => rows.map((row) => row.id);

/**
 * @template {ListRow} R
 * @param {Record<string, R[]>} lists
 */
export const rowsById = (lists) =>
  new Map(Object.values(lists).flatMap((rows) => rows.map((row) => [row.id, row])));

/**
 * The held rows in their old order, each as it is now, or as it was last drawn if it has left.
 * Without a hold, the lists as they are.
 * @template {ListRow} R
 * @param {Record<string, R[]>} lists
 * @param {Record<string, string[]> | null} heldIds
 * @param {Map<string, R>} lastShown
 * @returns {{ rows: Record<string, R[]>, waiting: number }}
 */
export function rowsToDraw(lists, heldIds, lastShown) {
  if (heldIds === null) return { rows: lists, waiting: 0 };
  const current = rowsById(lists);
  const held = (/** @type {string[]} */ ids) =>
    ids.flatMap((id) => current.get(id) ?? lastShown.get(id) ?? []);
  const rows = Object.fromEntries(Object.keys(lists).map((name) => [name, held(heldIds[name] ?? [])]));
  const shown = new Set(Object.values(rows).flatMap(idsOf));
  return { rows, waiting: [...current.keys()].filter((id) => !shown.has(id)).length };
}

/**
 * Whether a job that this person started is new since the rows are held: it is shown at once.
 * @param {string[]} started
 * @param {Record<string, ListRow[]>} lists
 * @param {Record<string, string[]>} heldIds
 */
export function isStartedSince(started, lists, heldIds) {
  const current = rowsById(lists);
  const held = new Set(Object.values(heldIds).flat());
  return started.some((id) => current.has(id) && !held.has(id));
}

const isTyping = () => document.activeElement?.matches("input:not([type=checkbox]), textarea") === true;

/** @param {HTMLElement | null} root */
const hasKeyboardFocus = (root) => hasFocus(root) && document.activeElement?.matches(":focus-visible") === true;

/** How long the rows are still held without another movement, in ms. @param {number} movedAt */
const holdLeft = (movedAt) => movedAt + (isTyping() ? TYPING_REST : REST) - performance.now();

/** @param {HTMLElement | null} root @returns {Hold["sizes"]} */
function sizesIn(root) {
  const rows = /** @type {NodeListOf<HTMLElement>} */ (root?.querySelectorAll(".etl-list > li") ?? []);
  return new Map([...rows].map((row) => [
    idOf(row),
    { height: row.offsetHeight, open: row.querySelector("[aria-expanded=true]") !== null, hasProblem: row.querySelector(PROBLEM) !== null },
  ]));
}

/**
 * `lists`: rows by the name of their list. `key` changes with their filter: other lists are not held.
 * `mayHold`: false for rows that are never held.
 * @template {ListRow} R
 * @param {Record<string, R[]>} lists
 * @param {string} key
 * @param {{ started?: string[], mayHold?: boolean }} [options]
 * @returns {HeldRows<R>}
 */
export function useHeldRows(lists, key, { started = [], mayHold = true } = {}) {
  const hold = useRef(/** @type {Hold | null} */ (null));
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const lastShown = useRef(/** @type {Map<string, R>} */ (new Map()));
  const isPointed = useRef(false);
  const movedAt = useRef(-Infinity);
  const timer = useRef(/** @type {number | undefined} */ (undefined));
  const [, draw] = useState(0);
  const focus = useFocusReturn(root);
  const redraw = () => draw((n) => n + 1);
  const mustHold = () =>
    mayHold &&
    secondsSince(clock.actedAt ?? "1970-01-01") > HOLD_FREE &&
    (isDialogOpen() ||
      hasKeyboardFocus(root.current) ||
      ((isPointed.current || hasFocus(root.current)) && holdLeft(movedAt.current) > 0));

  if (hold.current && isStartedSince(started, lists, hold.current.ids)) hold.current = null;
  if (!mustHold()) hold.current = null;
  else if (hold.current?.key !== key) {
    const ids = Object.fromEntries(Object.entries(lists).map(([name, rows]) => [name, idsOf(rows)]));
    hold.current = { key, ids, sizes: sizesIn(root.current) };
  }
  const { rows, waiting } = rowsToDraw(lists, hold.current?.ids ?? null, lastShown.current);
  lastShown.current = rowsById(rows);

  useEffect(() => {
    clearTimeout(timer.current);
    const left = holdLeft(movedAt.current);
    if (hold.current && left > 0) timer.current = setTimeout(redraw, left);
  });
  useEffect(() => () => clearTimeout(timer.current), []);
  const moved = () => {
    movedAt.current = performance.now();
    if (!hold.current) redraw();
  };
  const point = (/** @type {boolean} */ isInside) => {
    isPointed.current = isInside;
    movedAt.current = performance.now();
    redraw();
  };
  return {
    rows,
    waiting,
    release: () => {
      hold.current = null;
      redraw();
    },
    // A held row keeps its height too: a job that ends loses its bar. The text of one that fails
    // comes with the release, as there is no room for it.
    style: (row) => {
      const size = hold.current?.sizes.get(row.id);
      if (!size || size.open !== Boolean(row.open)) return undefined;
      const height = `${size.height}px`;
      /** @type {Record<string, string>} */
      const room = size.open ? { height, overflowY: "auto" } : { minHeight: height };
      return size.hasProblem ? room : { ...room, "--etl-problem": "none" };
    },
    watch: {
      ref: root,
      onpointerenter: (/** @type {PointerEvent} */ event) => event.pointerType === "mouse" && point(true),
      onpointermove: (/** @type {PointerEvent} */ event) => event.pointerType === "mouse" && moved(),
      onpointerleave: () => point(false),
      onfocusin: (/** @type {FocusEvent} */ event) => (focus.onFocusIn(event), (movedAt.current = performance.now()), redraw()),
      onfocusout: (/** @type {FocusEvent} */ event) => (focus.onFocusOut(event), redraw()),
    },
  };
}

/**
 * The button that shows the waiting rows. Always there, without height: it moves nothing.
 * @param {{ held: HeldRows<ListRow>, labels: { showNew: string } }} props
 */
export function ShowNew({ held, labels }) {
  const show = (/** @type {MouseEvent} */ event) => {
    moveFocusOn(event);
    held.release();
  };
  return html`<div class="etl-waiting">${held.waiting > 0 && html`
    <button type="button" class="etl-button" onClick=${show}>${labels.showNew.replace("{n}", String(held.waiting))}</button>`}</div>`;
}
