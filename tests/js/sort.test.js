import assert from "node:assert/strict";
import test from "node:test";

import { sortedRows, turnedSort } from "../../etl_monitor/ui/assets/sort.js";

const row = (value) => ({ id: String(value), cells: value === undefined ? [[]] : [[{ text: "", value }]] });
const order = (values, direction) =>
  sortedRows(values.map(row), { index: 0, direction }, "ko").map(({ id }) => id);

test("numbers are sorted by value, texts as people read them", () => {
  assert.deepEqual(order([10, 9, 100], 1), ["9", "10", "100"]);
  assert.deepEqual(order(["팀 10", "팀 9", "가"], 1), ["가", "팀 9", "팀 10"]);
});

test("cells without a value come last in either direction", () => {
  assert.deepEqual(order([null, 2, undefined, 1], 1), ["1", "2", "null", "undefined"]);
  assert.deepEqual(order([null, 2, undefined, 1], -1), ["2", "1", "null", "undefined"]);
});

test("without a sort the rows stay as they came", () => {
  const rows = [row(2), row(1)];
  assert.equal(sortedRows(rows, null, "en"), rows);
});

test("a click sorts numbers from the largest, texts from the first, and again turns round", () => {
  assert.deepEqual(turnedSort(null, 2, true), { index: 2, direction: -1 });
  assert.deepEqual(turnedSort(null, 0, false), { index: 0, direction: 1 });
  assert.deepEqual(turnedSort({ index: 0, direction: 1 }, 0, false), { index: 0, direction: -1 });
  assert.deepEqual(turnedSort({ index: 2, direction: -1 }, 2, true), { index: 2, direction: 1 });
});
