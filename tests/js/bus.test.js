import assert from "node:assert/strict";
import test from "node:test";

import { keep, keepOnlyOf, settle } from "../../etl_monitor/ui/assets/bus.js";

const view = (drawing, mounting = 1) => ({ frame: { session: "s", run: 1, version: 1 }, mounting, drawing, data: { a: 0 } });
const changes = (base, ...numbers) => ({
  mounting: 1, base, drawing: Math.max(base, ...numbers), personal: {}, changes: numbers.map((n) => [n, { set: { a: n } }]),
});
const frame = (version, updates) => ({ session: "s", run: 1, version, updates });
const draw = (shown, { session, run, version }, next) => Object.assign(shown, next, { frame: { session, run, version } });

function end() {
  keepOnlyOf("");
  settle(new Map(), draw);
}

/** Ends with no frame; counts the requests for wholes. */
function begin(t) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => end()); // also its timer
  const requests = { count: 0 };
  const deliver = (views, news) => {
    keep(news, () => (requests.count += 1));
    return settle(views, draw);
  };
  return { requests, deliver };
}

test("all views take their news, or none does, and the page asks for wholes", (t) => {
  const { requests, deliver } = begin(t);
  const views = new Map([["first", view(5)], ["two", view(3)]]);
  assert.equal(deliver(views, frame(2, { first: changes(5, 6), two: changes(4, 6) })), false);
  assert.equal(views.get("first").data.a, 0);
  t.mock.timers.tick(1);
  assert.equal(requests.count, 1);
  const whole = { mounting: 1, drawing: 6, personal: {}, whole: { a: 6 } };
  assert.equal(deliver(views, frame(2, { first: whole, two: whole })), true);
  assert.deepEqual([...views.values()].map(({ data }) => data.a), [6, 6]);
  t.mock.timers.tick(60_000);
  assert.equal(requests.count, 1);
});

test("a lost frame does no harm while the next one repeats its changes", (t) => {
  const { requests, deliver } = begin(t);
  const views = new Map([["first", view(5)]]);
  assert.equal(deliver(views, frame(4, { first: changes(5, 6, 7, 8) })), true);
  assert.equal(deliver(views, frame(3, { first: changes(5, 6) })), true, "it was overtaken");
  assert.equal(views.get("first").data.a, 8);
  t.mock.timers.tick(60_000);
  assert.equal(requests.count, 0);
});

test("a view that is mounted later takes the news then", (t) => {
  const { requests, deliver } = begin(t);
  const views = new Map([["first", view(5)]]);
  assert.equal(deliver(views, frame(2, { first: changes(5, 6), two: changes(4, 6) })), true);
  views.set("two", view(4));
  assert.equal(settle(views, draw), true);
  assert.equal(views.get("two").data.a, 6);
  t.mock.timers.tick(60_000);
  assert.equal(requests.count, 0);
});

test("news of a mount that is still to come wait for it, but not for ever", (t) => {
  const { requests, deliver } = begin(t);
  const views = new Map([["first", view(5)], ["two", view(4, 0)]]);
  assert.equal(deliver(views, frame(2, { first: changes(5, 6), two: changes(4, 6) })), false);
  t.mock.timers.tick(500);
  assert.equal(requests.count, 0);
  views.set("two", view(4));
  assert.equal(settle(views, draw), true);
  t.mock.timers.tick(60_000);
  assert.equal(requests.count, 0);
  views.set("two", view(4, 0));
  assert.equal(settle(views, draw), false);
  t.mock.timers.tick(1_500);
  assert.equal(requests.count, 1);
});

test("a request without an answer is repeated, seldom", (t) => {
  const { requests, deliver } = begin(t);
  deliver(new Map([["first", view(1)]]), frame(2, { first: changes(5, 6) }));
  t.mock.timers.tick(2_000);
  assert.equal(requests.count, 1);
  t.mock.timers.tick(5_000);
  assert.equal(requests.count, 2);
  keepOnlyOf("another session");
  settle(new Map(), draw);
  t.mock.timers.tick(60_000);
  assert.equal(requests.count, 2);
});

test("a frame is taken once by each view", (t) => {
  const { deliver } = begin(t);
  const views = new Map([["first", view(5)]]);
  const news = frame(2, { first: { mounting: null, drawing: null, personal: {}, whole: { a: 1 } } });
  deliver(views, news);
  const { data } = views.get("first");
  deliver(views, news);
  assert.equal(views.get("first").data, data);
});
