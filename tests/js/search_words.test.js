import assert from "node:assert/strict";
import test from "node:test";

import { offersFor, taken, wordAt } from "../../etl_monitor/ui/assets/search_words.js";

const FIELDS = [
  { field: "status", name: "상태", values: [{ value: "failed", text: "실패" }, { value: "completed", text: "완료" }] },
  { field: "person", name: "담당자", values: ["jin.kim", "kim.minji", "Lee Seo"].map((value) => ({ value, text: value })) },
  { field: "kind", name: "종류", values: [{ value: "big_five_50", text: "성격 검사" }] },
];
const labels = (typed, isRequested = false) => offersFor(typed, FIELDS, isRequested).map(({ label }) => label);

test("the beginning of a field's name offers the field, in English and in the reader's language", () => {
  assert.deepEqual(labels("st"), ["status:"]);
  assert.deepEqual(labels("담당"), ["person:"]);
  assert.deepEqual(labels("ST"), ["status:"]);
  assert.deepEqual(offersFor("st", FIELDS)[0], { text: "status:", label: "status:", note: "상태" });
});

test("other words offer nothing, nor does one letter", () => {
  assert.deepEqual([labels("s"), labels("stats"), labels("kim"), labels(""), labels("other:x")], [[], [], [], [], []]);
});

test("the arrow key shows all fields", () => {
  assert.deepEqual(labels("", true), ["status:", "person:", "kind:"]);
  assert.deepEqual(labels("x", true), []);
});

test("a field offers its values in the reader's language, and inserts the searched ones", () => {
  assert.deepEqual(labels("status:"), ["실패", "완료"]);
  assert.deepEqual(offersFor("상태:완", FIELDS), [{ text: "status:completed ", label: "완료", note: "completed" }]);
  assert.deepEqual(labels("status:FA"), ["실패"]);
  assert.deepEqual(labels("kind:검사"), ["성격 검사"]);
});

test("values that begin so come before those that contain it; a complete one offers nothing", () => {
  assert.deepEqual(labels("person:kim"), ["kim.minji", "jin.kim"]);
  assert.deepEqual(labels("person:kim.minji"), []);
  assert.deepEqual(labels("status:failed"), []);
});

test("Hangul of a Mac is the same", () => {
  assert.deepEqual(labels("상태:실".normalize("NFD")), ["실패"]);
});

test("a value of several words is searched by each", () => {
  assert.equal(offersFor("person:lee", FIELDS)[0]?.text, "person:Lee person:Seo ");
});

test("at most eight are offered", () => {
  const values = Array.from({ length: 30 }, (_, n) => ({ value: `p${n}`, text: `p${n}` }));
  assert.equal(offersFor("person:", [{ field: "person", name: "Person", values }]).length, 8);
});

test("the word at the caret is replaced, all else stays", () => {
  const offer = { text: "status:failed ", label: "", note: "" };
  assert.deepEqual(wordAt("부산 st 인턴", 5), { start: 3, end: 5, typed: "st" });
  assert.deepEqual(taken("부산 st 인턴", 5, offer), { text: "부산 status:failed 인턴", caret: 16 });
  assert.deepEqual(taken("status:fa", 9, offer), { text: "status:failed ", caret: 14 });
  assert.deepEqual(taken("status:xx", 8, offer), { text: "status:failed ", caret: 14 });
  assert.deepEqual(taken("a  b", 2, { text: "kind:", label: "", note: "" }), { text: "a kind: b", caret: 7 });
});
