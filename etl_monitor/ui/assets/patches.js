// @ts-check
// Applies the differences between two drawings of a view: see live/patches.py.

/** @typedef {{ set?: Record<string, any>, drop?: string[], in?: Record<string, Patch>, rows?: RowsPatch, then?: Patch[] }} Patch */
/** @typedef {{ order?: string[], add?: Record<string, any>, change?: Record<string, Patch> }} RowsPatch */

/**
 * Returns the new drawing. What did not change is the same object as before.
 * @param {any} data
 * @param {Patch} patch
 * @returns {any}
 */
export function patched(data, patch) {
  if (patch.then) return patch.then.reduce(patched, data);
  if (patch.rows) return patchedRows(data, patch.rows);
  const next = { ...data, ...patch.set };
  patch.drop?.forEach((name) => delete next[name]);
  Object.entries(patch.in ?? {}).forEach(([name, inner]) => (next[name] = patched(data[name], inner)));
  return next;
}

/** @param {{ id: string }[]} rows @param {RowsPatch} patch */
function patchedRows(rows, { order, add = {}, change = {} }) {
  const old = new Map(rows.map((row) => [row.id, row]));
  return (order ?? [...old.keys()]).map((id) => {
    if (Object.hasOwn(add, id)) return add[id];
    return Object.hasOwn(change, id) ? patched(old.get(id), change[id]) : old.get(id);
  });
}
