import assert from "node:assert/strict";
import test from "node:test";

import { changedSelection, pageSelection } from "../../etl_monitor/ui/assets/selection.js";

const rows = [{ id: "a", select: "Select a" }, { id: "b", select: "Select b" }, { id: "c", select: null }];

test("selecting adds, deselecting removes, the old selection is left alone", () => {
  const old = new Set(["x"]);
  assert.deepEqual([...changedSelection(old, ["a", "b"], true)], ["x", "a", "b"]);
  assert.deepEqual([...changedSelection(new Set(["x", "a"]), ["a"], false)], ["x"]);
  assert.deepEqual([...old], ["x"]);
});

test("a page is selected if all its selectable rows are", () => {
  assert.deepEqual(pageSelection(rows, new Set(["other page"])), { ids: ["a", "b"], isAll: false, isPart: false });
  assert.deepEqual(pageSelection(rows, new Set(["a"])), { ids: ["a", "b"], isAll: false, isPart: true });
  assert.deepEqual(pageSelection(rows, new Set(["a", "b"])), { ids: ["a", "b"], isAll: true, isPart: false });
});

test("rows that may not be selected are no page", () => {
  assert.deepEqual(pageSelection([{ id: "c", select: null }], new Set(["c"])), { ids: [], isAll: false, isPart: false });
});
