import assert from "node:assert/strict";
import test from "node:test";

import { keyOf } from "../../etl_monitor/ui/assets/keys.js";
import { emptyTexts } from "../../etl_monitor/ui/assets/monitor.js";
import { translate } from "../../etl_monitor/ui/assets/streamlit_labels.js";

test("Streamlit's texts are translated whole, or around the part that a star stands for", () => {
  const names = { Close: "닫기", "Remove *": "* 삭제" };
  assert.equal(translate("Close", names), "닫기");
  assert.equal(translate("Remove a $& b.csv", names), "a $& b.csv 삭제");
  assert.equal(translate("Closed", names), "Closed");
  assert.equal(translate("constructor", names), "constructor");
});

test("shortcuts work while Hangul is typed", () => {
  assert.equal(keyOf({ key: "j", code: "KeyJ", shiftKey: false }), "j");
  assert.equal(keyOf({ key: "ㅓ", code: "KeyJ", shiftKey: false }), "j");
  assert.equal(keyOf({ key: "Process", code: "Slash", shiftKey: true }), "?");
  assert.equal(keyOf({ key: "ㅓ", code: "KeyJ", shiftKey: true }), undefined);
});

test("an empty list says whether anything else fits the filter", () => {
  const labels = {
    noneRunning: "none running", noneFinished: "none finished", noneFits: "none fits",
    noneFitsRunning: "none running fits", noneFitsFinished: "none finished fits",
  };
  const emptyFor = (isNarrow, runningCount, finishedCount) => emptyTexts({ isNarrow, runningCount, finishedCount, labels });
  assert.deepEqual(emptyFor(false, 0, 0), { running: "none running", finished: "none finished" });
  assert.deepEqual(emptyFor(true, 0, 0), { running: "none fits", finished: "none fits" });
  assert.deepEqual(emptyFor(true, 0, 2), { running: "none running fits", finished: "" });
  assert.deepEqual(emptyFor(true, 1, 0), { running: "", finished: "none finished fits" });
});
