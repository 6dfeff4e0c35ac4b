import assert from "node:assert/strict";
import test from "node:test";

import { extended, kept, NOTHING, toggled } from "../../../../static/manage_files/model/selection.js";

const order = ["a", "b", "c", "d", "e"];
const files = (selection) => [...selection.files].sort();

test("choosing a card twice lets it go again", () => {
  assert.deepEqual(files(toggled(toggled(NOTHING, "a"), "b")), ["a", "b"]);
  assert.deepEqual(files(toggled(toggled(NOTHING, "a"), "a")), []);
});

test("a range goes from the card chosen last, either way, and adds to what is there", () => {
  const some = toggled(toggled(NOTHING, "e"), "c");

  assert.deepEqual(files(extended(some, "a", order)), ["a", "b", "c", "e"]);
  assert.deepEqual(files(extended(some, "d", order)), ["c", "d", "e"]);
});

test("ranges from one anchor follow each other", () => {
  assert.deepEqual(files(extended(extended(toggled(NOTHING, "c"), "d", order), "a", order)), ["a", "b", "c", "d"]);
});

test("a range without a start, or whose start is gone, is one card", () => {
  assert.deepEqual(files(extended(NOTHING, "c", order)), ["c"]);
  assert.deepEqual(files(extended(toggled(NOTHING, "gone"), "c", order)), ["c", "gone"]);
});

test("what is gone is selected no longer", () => {
  const some = toggled(toggled(NOTHING, "a"), "b");

  assert.deepEqual(files(kept(some, ["b", "c"])), ["b"]);
  assert.equal(kept(some, order), some);
});
