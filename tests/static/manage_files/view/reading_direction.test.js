import assert from "node:assert/strict";
import test from "node:test";

import { directionOf } from "../../../../static/manage_files/view/reading_direction.js";

/** Where a key moves a card on a page that reads in `direction`. */
function moves(key, direction) {
  globalThis.getComputedStyle = () => ({ direction });
  return directionOf(key, {});
}

test("the arrows that point along the line follow the reading direction", () => {
  assert.equal(moves("ArrowLeft", "ltr"), "earlier");
  assert.equal(moves("ArrowRight", "ltr"), "later");
  assert.equal(moves("ArrowLeft", "rtl"), "later");
  assert.equal(moves("ArrowRight", "rtl"), "earlier");
});

test("up, down, first and last are the same everywhere, other keys move nothing", () => {
  for (const direction of ["ltr", "rtl"]) {
    const keys = ["ArrowUp", "ArrowDown", "Home", "End", "Enter"];
    assert.deepEqual(
      keys.map((key) => moves(key, direction)),
      ["earlier", "later", "first", "last", undefined],
    );
  }
});
