import assert from "node:assert/strict";
import test from "node:test";

import { withDetails } from "../../etl_monitor/ui/assets/open_jobs.js";

const a = { id: "a" }, b = { id: "b" }, details = { facts: [] };
const list = { running: [a], finished: [b], runningCount: 1 };

test("without open jobs the data stay as they are", () => {
  assert.equal(withDetails(list, new Map()), list);
});

test("an open row has its details, all others are the same objects", () => {
  const { running, finished, runningCount } = withDetails(list, new Map([["b", details]]));
  assert.equal(running[0], a);
  assert.deepEqual(finished, [{ id: "b", open: true, details }]);
  assert.equal(runningCount, 1);
  assert.deepEqual(b, { id: "b" });
});

test("an open row without news stays the same object", () => {
  const rowOf = (its) => withDetails(list, new Map([["b", its]])).finished[0];
  const first = rowOf(details);
  assert.equal(rowOf(details), first);
  assert.equal(rowOf(null).details, null, "on their way");
  assert.notEqual(rowOf({ facts: [] }), first);
});

test("one job on its own can be open, and other views have no rows", () => {
  const opened = new Map([["a", details]]);
  assert.deepEqual(withDetails({ job: a, compact: false }, opened), { job: { id: "a", open: true, details }, compact: false });
  const table = { rows: [a] };
  assert.equal(withDetails(table, opened), table);
});
