// @ts-check
// Keeps the keyboard focus where it was. A cancelled job moves to another list, its button goes, a
// button is disabled while a job runs: the browser would start again at the page's top.
import { isDialogOpen } from "./dialog.js";
import { useEffect, useRef } from "./vendor/htm-preact.js";

/** @import { Ref } from "./vendor/htm-preact.js" */
/**
 * Where the focus was. `rank`: the row's index in the list, -1 if it was in no row, such as on the
 * toolbar of the selection. `list`: the index of the list that follows, -1 if none does. `control`:
 * the row's control, by its `data-do`.
 * @typedef {{ element: HTMLElement, id: string | undefined, rank: number, list: number,
 *   control: string | undefined, byKey: boolean }} FocusPlace
 */

const RETRY_AFTER = 100; // ms; an open dialog has the focus, and gives it back when it closes
const ROWS = ".etl-attention li, .etl-list > li";

/** @param {HTMLElement | null} root @returns {HTMLElement[]} */
const rowsIn = (root) => [.../** @type {NodeListOf<HTMLElement>} */ (root?.querySelectorAll(ROWS) ?? [])];

/** @param {HTMLElement} row */
export const idOf = ({ dataset: { jobId, testId, attention } }) =>
  jobId ?? testId ?? (attention && `attention-${attention}`);

/** The headings of lists, and lists. @param {Element | null | undefined} root @returns {HTMLElement[]} */
const listsIn = (root) => [.../** @type {NodeListOf<HTMLElement>} */ (root?.querySelectorAll("[data-list]") ?? [])];

/** @param {HTMLElement[]} lists @param {HTMLElement} element */
const indexOfNext = (lists, element) =>
  lists.findIndex((list) => element.compareDocumentPosition(list) & Node.DOCUMENT_POSITION_FOLLOWING);

/** @param {HTMLElement} element */
const isUsable = (element) =>
  element.isConnected && !(/** @type {HTMLButtonElement} */ (element).disabled);
const isNowhere = () => document.activeElement === null || document.activeElement === document.body;

// An element that is removed while it has the focus fires no `focusout`: ask the document.
/** @param {HTMLElement | null} root */
export const hasFocus = (root) => root !== null && root.contains(document.activeElement);

/**
 * Returns what watches the focus within `root`, which holds the rows.
 * @param {Ref<HTMLElement | null>} root
 */
export function useFocusReturn(root) {
  const last = useRef(/** @type {FocusPlace | null} */ (null));
  const timer = useRef(/** @type {number | undefined} */ (undefined));
  const restore = () => {
    clearTimeout(timer.current);
    if (!last.current) return;
    if (isDialogOpen()) timer.current = setTimeout(restore, RETRY_AFTER);
    else if (isNowhere()) focusAgain(root.current, last.current);
    else if (!hasFocus(root.current)) last.current = null;
  };
  // A click beside everything leaves the focus. An element that is gone or disabled was not left.
  const forget = () => {
    const isLeft = last.current && isUsable(last.current.element) && isNowhere() && document.hasFocus();
    if (isLeft && !isDialogOpen()) last.current = null;
  };
  useEffect(restore);
  useEffect(() => () => clearTimeout(timer.current), []);
  return {
    onFocusIn: (/** @type {FocusEvent} */ event) => {
      last.current = placeOf(/** @type {HTMLElement} */ (event.target), root.current);
    },
    onFocusOut: (/** @type {FocusEvent} */ event) => {
      const to = /** @type {Element | null} */ (event.relatedTarget);
      if (to && !to.closest('[role="dialog"]')) last.current = null;
      else setTimeout(forget);
    },
  };
}

/** @param {HTMLElement} element @param {HTMLElement | null} root @returns {FocusPlace} */
function placeOf(element, root) {
  const row = /** @type {HTMLElement | null} */ (element.closest(ROWS));
  return {
    element,
    id: row ? idOf(row) : undefined,
    rank: row ? rowsIn(root).indexOf(row) : -1,
    list: indexOfNext(listsIn(root), element),
    control: element.dataset.do,
    byKey: element.matches(":focus-visible"),
  };
}

// The same control of the same row; else the row itself; else the row that took its place; for a
// focus outside of the rows, the list that followed, or the last one.
/** @param {HTMLElement | null} root @param {FocusPlace} place */
function focusAgain(root, { id, rank, list: next, control, byKey }) {
  const rows = rowsIn(root);
  const row = rows.find((candidate) => idOf(candidate) === id) ?? rows[Math.min(rank, rows.length - 1)];
  const isSameRow = row !== undefined && idOf(row) === id;
  const same = isSameRow && control ? row.querySelector(`[data-do="${control}"]:not(:disabled)`) : null;
  const list = rank < 0 ? listsIn(root).at(next) : null;
  const target = /** @type {HTMLElement | undefined} */ (same ?? row ?? list);
  target?.focus({ preventScroll: !byKey });
}

/**
 * For a control that goes when it is pressed, such as "show 3 new": a keyboard user continues at the
 * list after it, or at the last one. A mouse has no focus to lose.
 * @param {MouseEvent} event
 */
export function moveFocusOn({ currentTarget, detail }) {
  if (detail > 0) return;
  const control = /** @type {HTMLElement} */ (currentTarget);
  const lists = listsIn(control.closest(".etl-view"));
  lists.at(indexOfNext(lists, control))?.focus();
}
