"""What Python says has changed between two drawings, applied by the page's JavaScript."""

import json
import random
from typing import Any

from etl_monitor.ui.live.patches import difference
from tests.js.test_scripts import node

IDS = ("a", "b", "c", "toString", "__proto__", "한글", "..")
CASES = 500

APPLY = """
import { patched } from "./etl_monitor/ui/assets/patches.js";
import assert from "node:assert/strict";
const cases = JSON.parse(CASES_AS_JSON);
for (const [old, patch, expected] of cases) {
  const before = JSON.stringify(old);
  assert.equal(JSON.stringify(sorted(patched(old, patch))), JSON.stringify(sorted(expected)));
  assert.equal(JSON.stringify(old), before, "the old drawing is not changed");
}
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]);
}
"""


def test_patches_lead_from_any_drawing_to_any_other() -> None:
    chance = random.Random(7)
    cases = []
    for _ in range(CASES):
        old, new, newest = (_drawing(chance) for _ in range(3))
        cases.append((old, difference(old, new), new))
        cases.append((old, {"then": [difference(old, new), difference(new, newest)]}, newest))
    as_literal = json.dumps(json.dumps(cases))
    node("--input-type=module", "-", stdin=APPLY.replace("CASES_AS_JSON", as_literal))


def test_equal_drawings_have_no_difference() -> None:
    drawing = _drawing(random.Random(1))
    assert difference(drawing, json.loads(json.dumps(drawing))) == {}


def test_of_a_row_only_the_changed_fields_are_sent() -> None:
    old = {"rows": [{"id": "a", "title": "A", "percent": "1%"}, {"id": "b", "title": "B"}]}
    new = {"rows": [{"id": "a", "title": "A", "percent": "2%"}, {"id": "b", "title": "B"}]}
    changed = {"change": {"a": {"set": {"percent": "2%"}}}}
    assert difference(old, new) == {"in": {"rows": {"rows": changed}}}


def test_of_a_list_of_texts_only_what_is_new_and_gone_is_sent() -> None:
    before = {"active": [f"job-{n}" for n in range(1000)]}
    after = {"active": [f"job-{n}" for n in range(1000) if n != 500]}
    assert difference(before, after) == {"in": {"active": {"splice": (500, 1, [])}}}
    assert difference(after, before) == {"in": {"active": {"splice": (500, 0, ["job-500"])}}}


def _drawing(chance: random.Random) -> dict[str, Any]:
    fields = {
        "text": str(chance.randrange(3)),
        "rows": [
            {"id": row_id, "n": chance.randrange(2), "parts": {"x": [chance.randrange(2)]}}
            for row_id in chance.sample(IDS, chance.randrange(len(IDS)))
        ],
        "tags": [chance.randrange(3) for _ in range(chance.randrange(3))],
        "ended": {row_id: chance.choice("cf") for row_id in chance.sample(IDS, 2)},
        "ids": [chance.choice(IDS) for _ in range(chance.randrange(5))],
        "none": chance.choice([None, {}, {"a": None}]),
    }
    names = chance.sample(sorted(fields), chance.randrange(len(fields) + 1))
    return {name: fields[name] for name in names}
