import assert from "node:assert/strict";
import test from "node:test";

import { withDetails } from "../../etl_monitor/ui/assets/open_jobs.js";

const a = { id: "a" }, b = { id: "b" }, details = { facts: [] };
const list = { running: [a], finished: [b], runningCount: 1, openJobs: [] };
const withB = { ...list, openJobs: ["b"] };
const having = (its) => (id) => (id === "b" ? { details: its } : undefined);

test("without open jobs the data stay as they are", () => {
  assert.deepEqual(withDetails(list, () => undefined), { data: list, missing: null });
});

test("an open row has its details, all others are the same objects", () => {
  const { data, missing } = withDetails(withB, having(details));
  assert.equal(data.running[0], a);
  assert.deepEqual(data.finished, [{ id: "b", open: true, details }]);
  assert.equal(data.runningCount, 1);
  assert.equal(missing, null);
  assert.deepEqual(b, { id: "b" });
});

test("an open row without news stays the same object", () => {
  const rowOf = (its) => withDetails(withB, having(its)).data.finished[0];
  const first = rowOf(details);
  assert.equal(rowOf(details), first);
  assert.equal(rowOf(null).details, null, "on their way");
  assert.notEqual(rowOf({ facts: [] }), first);
});

test("an open row that has come with the news is open, and its details are missing", () => {
  const { data, missing } = withDetails(withB, () => undefined);
  assert.deepEqual(data.finished, [{ id: "b", open: true, details: null }]);
  assert.equal(missing, "b");
  assert.equal(withDetails({ ...withB, openJobs: ["elsewhere"] }, () => undefined).missing, null);
});

test("one job on its own can be open, and other views have no rows", () => {
  const { data } = withDetails({ job: b, compact: false }, having(details));
  assert.deepEqual(data, { job: { id: "b", open: true, details }, compact: false });
  for (const other of [{ rows: [b] }, { job: null, emptyText: "none" }])
    assert.equal(withDetails(other, having(details)).data, other);
});
