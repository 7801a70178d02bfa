import assert from "node:assert/strict";
import test from "node:test";

import { isDue } from "../../etl_monitor/ui/assets/attention.js";

const NOW = Date.parse("2026-03-02T09:00:00Z");

test("a running job is shown from its moment on", () => {
  assert.equal(isDue({ at: "2026-03-02T09:00:01Z" }, NOW), false);
  assert.equal(isDue({ at: "2026-03-02T09:00:00Z" }, NOW), true);
  assert.equal(isDue({ at: "2026-03-02T08:59:59Z" }, NOW), true);
});

test("what has no moment is shown at once", () => {
  assert.equal(isDue({ at: null }, NOW), true);
});
