import assert from "node:assert/strict";
import test from "node:test";

import { clock, relativeTime, secondsSince, secondsUntil, stopwatch } from "../../etl_monitor/ui/assets/clock.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test("a stopwatch shows hours only from an hour on", () => {
  assert.equal(stopwatch(0), "00:00");
  assert.equal(stopwatch(59.9), "00:59");
  assert.equal(stopwatch(4 * MINUTE + 5), "04:05");
  assert.equal(stopwatch(HOUR), "1:00:00");
  assert.equal(stopwatch(100 * HOUR + 61), "100:01:01");
});

test("a relative time counts in the largest unit that is full", () => {
  const english = [2, 59, MINUTE, HOUR - 1, HOUR, DAY - 1, DAY, 3 * DAY].map((seconds) => relativeTime(seconds, "en"));
  assert.deepEqual(english, [
    "2 seconds ago", "59 seconds ago", "1 minute ago", "59 minutes ago", "1 hour ago", "23 hours ago",
    "yesterday", "3 days ago",
  ]);
  assert.equal(relativeTime(3 * MINUTE, "ko"), "3분 전");
  const narrow = ["en", "ko"].map((language) => relativeTime(22, language, "narrow"));
  assert.deepEqual(narrow, ["22s ago", "22초 전"]);
});

test("a moment ago has the portal's label", () => {
  clock.justNow = "just now";
  assert.equal(relativeTime(1.9, "en"), "just now");
  assert.equal(relativeTime(2, "en"), "2 seconds ago");
  clock.justNow = "";
  assert.equal(relativeTime(1.9, "en"), "1 second ago");
});

test("times are by the portal's clock, whatever the browser's says", () => {
  clock.offset = Date.parse("2026-01-01T12:00:00Z") - Date.now();
  assert.equal(Math.round(secondsSince("2026-01-01T11:59:00Z")), 60);
  assert.equal(Math.round(secondsUntil("2026-01-01T12:00:30Z")), 30);
  assert.equal(secondsSince("2026-01-01T12:01:00Z"), 0, "what lies ahead is not long ago");
  clock.offset = 0;
});
