// @ts-check
// Rows selected to do the same with all of them.
import { moveFocusOn } from "./focus.js";
import { html, useEffect, useRef, useState } from "./vendor/htm-preact.js";

/** @import { ListLabels } from "./payloads.d.ts" */
/** @import { OnAction, SelectableRow, Selection } from "./types.d.ts" */

/**
 * @param {Set<string>} selected
 * @param {string[]} ids
 * @param {boolean} isChosen
 */
export function changedSelection(selected, ids, isChosen) {
  const changed = new Set(selected);
  ids.forEach((id) => (isChosen ? changed.add(id) : changed.delete(id)));
  return changed;
}

/**
 * The ids on the page that may be selected, and whether all or some of them are.
 * @param {SelectableRow[]} rows
 * @param {Set<string>} selected
 */
export function pageSelection(rows, selected) {
  const ids = rows.filter((row) => row.select).map((row) => row.id);
  const count = ids.filter((id) => selected.has(id)).length;
  const isAll = ids.length > 0 && count === ids.length;
  return { ids, isAll, isPart: count > 0 && !isAll };
}

/**
 * `bulkActions`: how often this session acted on a selection; each time clears it.
 * @param {number} bulkActions
 * @returns {Selection}
 */
export function useSelection(bulkActions) {
  const [ids, setIds] = useState(() => /** @type {Set<string>} */ (new Set()));
  /** @type {Selection["choose"]} */
  const choose = (some, isChosen) => setIds((old) => changedSelection(old, some, isChosen));
  const clear = () => setIds((old) => (old.size > 0 ? new Set() : old));
  const before = useRef(bulkActions);
  useEffect(() => {
    if (bulkActions !== before.current) clear(); // not at first: something may be selected already
    before.current = bulkActions;
  }, [bulkActions]);
  return { ids, choose, clear, toggle: (id) => choose([id], !ids.has(id)) };
}

/**
 * Selects the whole page of a list; what was selected on other pages stays selected.
 * @param {{ rows: SelectableRow[], selection: Selection, labels: ListLabels, of: string }} props
 */
export function SelectAll({ rows, selection, labels, of }) {
  const { ids, isAll, isPart } = pageSelection(rows, selection.ids);
  if (ids.length === 0) return null;
  const name = labels.selectAllOf.replace("{name}", of);
  return html`<label class="etl-select-all">
    <input type="checkbox" aria-label=${name} checked=${isAll} indeterminate=${isPart}
      onChange=${() => selection.choose(ids, !isAll)} />${labels.selectAll}
  </label>`;
}

/**
 * The toolbar for the selected rows. `actions`: [kind, text].
 * @param {{ selection: Selection, labels: ListLabels, onAction: OnAction, actions: [string, string][] }} props
 */
export function SelectionBar({ selection, labels, onAction, actions }) {
  const ids = [...selection.ids];
  if (ids.length === 0) return null;
  const text = labels.selected.replace("{n}", String(ids.length));
  const clear = (/** @type {MouseEvent} */ event) => {
    moveFocusOn(event);
    selection.clear();
  };
  return html`<div class="etl-selection" role="toolbar" aria-label=${text}>
    <strong class="etl-number">${text}</strong>
    ${actions.map(([kind, name]) => html`<button type="button" key=${kind} class="etl-button"
      onClick=${() => onAction(kind, ids.join(","))}>${name}</button>`)}
    <button type="button" class="etl-button" onClick=${clear}>${labels.clearSelection}</button>
  </div>`;
}
