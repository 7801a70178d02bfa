import assert from "node:assert/strict";
import test from "node:test";

import { isOlder, taken } from "../../etl_monitor/ui/assets/frames.js";

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


const shown = (drawing, values = {}) => ({ frame: frame(1, 5), mounting: 3, drawing, data: { a: 0, own: [], ...values } });
const change = (number, a) => [number, { set: { a } }];
const news = (parts) => ({ mounting: 3, drawing: 12, personal: {}, ...parts });

test("a page applies the changes that it lacks, and no others", () => {
  const parts = news({ base: 10, changes: [change(11, 1), [12, { set: { b: 2 } }]] });
  assert.deepEqual(taken(shown(10), frame(1, 6), parts).data, { a: 1, own: [], b: 2 });
  assert.deepEqual(taken(shown(11, { a: 7 }), frame(1, 6), parts).data, { a: 7, own: [], b: 2 });
  assert.equal(taken(shown(11), frame(1, 6), parts).drawing, 12);
});

test("a page that is further takes nothing, and its data stay the same object", () => {
  const page = shown(20);
  const after = taken(page, frame(1, 6), news({ base: 10, changes: [change(11, 1)] }));
  assert.equal(after.data, page.data);
  assert.equal(after.drawing, 20);
});

test("changes do not lead on from an earlier drawing, another mount, another session, or no drawing", () => {
  const parts = news({ base: 10, changes: [change(11, 1)] });
  assert.equal(taken(shown(9), frame(1, 6), parts), null);
  assert.equal(taken(shown(null), frame(1, 6), parts), null);
  assert.equal(taken(shown(10), frame(1, 6), { ...parts, mounting: 4 }), null);
  assert.equal(taken(shown(10), frame(1, 6, "new"), parts), null);
});

test("also news without changes say what the page must have", () => {
  assert.equal(taken(shown(9), frame(1, 6), news({ base: 12, changes: [] })), null);
});

test("a whole leads on from anything, but not back", () => {
  const whole = news({ whole: { a: 5 }, personal: { own: ["x"] } });
  assert.deepEqual(taken(shown(null), frame(1, 6), whole), { data: { a: 5, own: ["x"] }, mounting: 3, drawing: 12 });
  const further = shown(13);
  assert.equal(taken(further, frame(1, 6), whole), further);
});

test("what a full run draws of the previous views is of no channel", () => {
  const rendering = { mounting: null, drawing: null, personal: {}, whole: { a: 5 } };
  assert.deepEqual(taken(shown(13), frame(1.5, 6), rendering), { data: { a: 5 }, mounting: 3, drawing: null });
  const mounted = { ...shown(13), frame: frame(2, 6) };
  assert.equal(taken(mounted, frame(1.5, 6), rendering), mounted);
});

test("news of an earlier run or mount are late", () => {
  const page = { ...shown(10), frame: frame(2, 6), mounting: 4 };
  assert.equal(taken(page, frame(1, 9), news({ base: 11, changes: [] })), page);
  assert.equal(taken(page, frame(2, 9), news({ base: 11, changes: [] })), page);
  assert.equal(taken(page, frame(2, 9), news({ whole: { a: 5 } })), page);
});

test("what is for this person only comes with each frame", () => {
  const after = taken(shown(12), frame(1, 6), news({ base: 12, changes: [], personal: { own: ["x"] } }));
  assert.deepEqual(after.data, { a: 0, own: ["x"] });
});
