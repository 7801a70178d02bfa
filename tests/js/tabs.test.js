import assert from "node:assert/strict";
import { test } from "node:test";

import { withTab } from "../../etl_monitor/ui/assets/tabs.js";

const PAGE = "http://a/etl/result?id=..%2Fx+y&lang=ko";

test("the address names the tab, and stays as it is otherwise", () => {
  assert.equal(withTab(PAGE, "tab", "items", false), `${PAGE}&tab=items`);
  assert.equal(withTab(`${PAGE}&tab=items`, "tab", "history", false), `${PAGE}&tab=history`);
});

test("the first tab is not named", () => {
  assert.equal(withTab(`${PAGE}&tab=items#a`, "tab", "scores", true), `${PAGE}#a`);
});
