import assert from "node:assert/strict";
import test from "node:test";

import { isStartedSince, rowsById, rowsToDraw } from "../../etl_monitor/ui/assets/hold_rows.js";

const row = (id, progress = 0) => ({ id, progress });

test("without a hold the lists are drawn as they are", () => {
  const lists = { running: [row("b"), row("a")], finished: [] };
  assert.deepEqual(rowsToDraw(lists, null, new Map()), { rows: lists, waiting: 0 });
});

test("held rows keep their order, show their newest state, and new rows wait", () => {
  const held = { running: ["a", "b"], finished: [] };
  const lists = { running: [row("c"), row("b", 50), row("a", 10)], finished: [] };
  const result = rowsToDraw(lists, held, new Map());
  assert.deepEqual(result.rows.running, [row("a", 10), row("b", 50)]);
  assert.equal(result.waiting, 1);
});

test("a held job that moved to another list stays, with its newest state", () => {
  const held = { running: ["a"], finished: ["z"] };
  const result = rowsToDraw({ running: [], finished: [row("a", 100), row("z")] }, held, new Map());
  assert.deepEqual(result.rows, { running: [row("a", 100)], finished: [row("z")] });
  assert.equal(result.waiting, 0);
});

test("a held row that has left is drawn as it was last; one that was never drawn is not", () => {
  const lastShown = rowsById({ rows: [row("gone", 70)] });
  const result = rowsToDraw({ rows: [] }, { rows: ["gone", "unknown"] }, lastShown);
  assert.deepEqual(result.rows.rows, [row("gone", 70)]);
});

test("only a job that is new since the hold began ends it", () => {
  const lists = { running: [row("old"), row("mine")] };
  assert.equal(isStartedSince(["mine"], lists, { running: ["old"] }), true);
  assert.equal(isStartedSince(["old"], lists, { running: ["old"] }), false);
  assert.equal(isStartedSince(["not here yet"], lists, { running: ["old"] }), false);
});
