import assert from "node:assert/strict";
import test from "node:test";

import {
  EMPTY_SELECTION,
  extendSelection,
  pruneSelection,
  toggleFile,
} from "../../../../static/manage_files/model/selection.js";

const order = ["a", "b", "c", "d", "e"];
const files = (selection) => [...selection.files].sort();

test("choosing a card twice lets it go again", () => {
  assert.deepEqual(files(toggleFile(toggleFile(EMPTY_SELECTION, "a"), "b")), ["a", "b"]);
  assert.deepEqual(files(toggleFile(toggleFile(EMPTY_SELECTION, "a"), "a")), []);
});

test("a range goes from the card chosen last, either way, and adds to what is there", () => {
  const some = toggleFile(toggleFile(EMPTY_SELECTION, "e"), "c");

  assert.deepEqual(files(extendSelection(some, "a", order)), ["a", "b", "c", "e"]);
  assert.deepEqual(files(extendSelection(some, "d", order)), ["c", "d", "e"]);
});

test("ranges from one anchor follow each other", () => {
  assert.deepEqual(files(extendSelection(extendSelection(toggleFile(EMPTY_SELECTION, "c"), "d", order), "a", order)), [
    "a",
    "b",
    "c",
    "d",
  ]);
});

test("a range without a start, or whose start is gone, is one card", () => {
  assert.deepEqual(files(extendSelection(EMPTY_SELECTION, "c", order)), ["c"]);
  assert.deepEqual(files(extendSelection(toggleFile(EMPTY_SELECTION, "gone"), "c", order)), ["c", "gone"]);
});

test("what is gone is selected no longer", () => {
  const some = toggleFile(toggleFile(EMPTY_SELECTION, "a"), "b");

  assert.deepEqual(files(pruneSelection(some, ["b", "c"])), ["b"]);
  assert.equal(pruneSelection(some, order), some);
});
