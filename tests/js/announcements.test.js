import assert from "node:assert/strict";
import test from "node:test";

import { countEnded } from "../../etl_monitor/ui/assets/announcements.js";

test("jobs that were active and have ended are counted by how they ended", () => {
  const ended = { a: "completed", b: "failed", c: "completed", old: "failed" };
  assert.deepEqual(countEnded(["a", "b", "c", "still running"], ended, {}), { completed: 2, failed: 1 });
});

test("counts add up until they are announced", () => {
  assert.deepEqual(countEnded(["a"], { a: "failed" }, { failed: 1 }), { failed: 2 });
});
