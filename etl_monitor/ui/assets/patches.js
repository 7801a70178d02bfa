// @ts-check
// Applies the differences between two drawings of a view: see live/patches.py.

/** @typedef {{ set?: Record<string, any>, drop?: string[], in?: Record<string, Patch>, rows?: RowsPatch, splice?: Splice, then?: Patch[] }} Patch */
/** @typedef {[start: number, count: number, added: string[]]} Splice */
/** @typedef {{ order?: Splice, add?: Record<string, any>, change?: Record<string, Patch> }} RowsPatch */

/**
 * Returns the new drawing. What did not change is the same object as before.
 * @param {any} data
 * @param {Patch} patch
 * @returns {any}
 */
export function patched(data, patch) {
  if (patch.then) return patch.then.reduce(patched, data);
  if (patch.rows) return patchedRows(data, patch.rows);
  if (patch.splice) return spliced(data, patch.splice);
  const next = { ...data, ...patch.set };
  patch.drop?.forEach((name) => delete next[name]);
  Object.entries(patch.in ?? {}).forEach(([name, inner]) => (next[name] = patched(data[name], inner)));
  return next;
}

/** @param {{ id: string }[]} rows @param {RowsPatch} patch */
function patchedRows(rows, { order, add = {}, change = {} }) {
  const old = new Map(rows.map((row) => [row.id, row]));
  const ids = [...old.keys()];
  return (order ? spliced(ids, order) : ids).map((id) => {
    if (Object.hasOwn(add, id)) return add[id];
    return Object.hasOwn(change, id) ? patched(old.get(id), change[id]) : old.get(id);
  });
}

/** @param {string[]} items @param {Splice} splice */
function spliced(items, [start, count, added]) {
  return [...items.slice(0, start), ...added, ...items.slice(start + count)];
}
