// @ts-check
// The order of a table's rows.

/** @import { Part, Row } from "./payloads.d.ts" */
/** @typedef {{ index: number, direction: 1 | -1 }} Sort */

/**
 * Compares two cells. `missing` is not 0 if exactly one has no value to sort by.
 * @param {Part[] | undefined} a
 * @param {Part[] | undefined} b
 * @param {string} language
 */
function compare(a, b, language) {
  const [x, y] = [a?.[0]?.value ?? null, b?.[0]?.value ?? null];
  if (x === null || y === null) return { missing: Number(x === null) - Number(y === null), order: 0 };
  if (typeof x === "number" && typeof y === "number") return { missing: 0, order: x - y };
  return { missing: 0, order: String(x).localeCompare(String(y), language, { numeric: true }) };
}

/**
 * The rows in order; those without a value in the column come last in either direction.
 * @param {Row[]} rows
 * @param {Sort | null} sort
 * @param {string} language
 */
export function sortedRows(rows, sort, language) {
  if (!sort) return rows;
  return [...rows].sort((a, b) => {
    const { missing, order } = compare(a.cells[sort.index], b.cells[sort.index], language);
    return missing || order * sort.direction;
  });
}

/**
 * The sort after a click on a column: numbers start with the largest, texts with the first.
 * @param {Sort | null} sort
 * @param {number} index
 * @param {boolean} isNumeric
 * @returns {Sort}
 */
export function turnedSort(sort, index, isNumeric) {
  if (sort?.index === index) return { index, direction: sort.direction > 0 ? -1 : 1 };
  return { index, direction: isNumeric ? -1 : 1 };
}
