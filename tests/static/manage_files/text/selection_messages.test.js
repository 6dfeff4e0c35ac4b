import assert from "node:assert/strict";
import test from "node:test";

import { announceSelected, selected } from "../../../../static/manage_files/text/selection_messages.js";

test("a selection is counted, and an empty one is said", () => {
  assert.equal(selected(3), "3 selected");
  assert.equal(announceSelected(1), "1 image selected.");
  assert.equal(announceSelected(1200), "1,200 images selected.");
  assert.equal(announceSelected(0), "Nothing selected.");
});
