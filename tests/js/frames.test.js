import assert from "node:assert/strict";
import test from "node:test";

import { isOlder, keepUpdates } from "../../etl_monitor/ui/assets/frames.js";

const frame = (run, version, session = "s") => ({ session, run, version });

test("a later full run is newer, whatever its version", () => {
  assert.equal(isOlder(frame(1, 9), frame(2, 3)), true);
  assert.equal(isOlder(frame(2, 3), frame(1, 9)), false);
});

test("within a run the higher version is newer; the same one is not older", () => {
  assert.equal(isOlder(frame(1, 3), frame(1, 4)), true);
  assert.equal(isOlder(frame(1, 4), frame(1, 4)), false);
});

test("updates that a run sends before it draws are older than what it draws", () => {
  assert.equal(isOlder(frame(1.5, 7), frame(2, 7)), true);
});

test("another session starts counting anew", () => {
  assert.equal(isOlder(frame(1, 1, "new"), frame(40, 900, "old")), false);
});

test("the newest update of each view is kept, those of another run are forgotten", () => {
  const latest = new Map();
  keepUpdates(latest, { ...frame(1, 1), updates: { badge: 1, monitor: 1 } });
  keepUpdates(latest, { ...frame(1, 2), updates: { monitor: 2 } });
  assert.deepEqual([...latest].map(([key, { data }]) => [key, data]), [["badge", 1], ["monitor", 2]]);
  keepUpdates(latest, { ...frame(2, 2), updates: { results: 3 } });
  assert.deepEqual([...latest.keys()], ["results"]);
});
