import assert from "node:assert/strict";
import test from "node:test";

import { insertionIndex } from "../../../../static/manage_files/arrange/drag_reorder.js";

/** Two rows of three cards, 100 wide and high, 10 apart. */
const ltr = [0, 1, 2, 3, 4, 5].map((index) => rect((index % 3) * 110, Math.floor(index / 3) * 110));
const rtl = [0, 1, 2, 3, 4, 5].map((index) => rect((2 - (index % 3)) * 110, Math.floor(index / 3) * 110));

function rect(left, top) {
  return { left, right: left + 100, top, bottom: top + 100 };
}

const at = (x, y) => insertionIndex(ltr, { x, y, isRtl: false });

test("the left half of a card means before it, the right half behind it", () => {
  assert.equal(at(120, 50), 1);
  assert.equal(at(190, 50), 2);
});

test("right of a row means its end, not the start of the next", () => {
  assert.equal(at(400, 50), 3);
});

test("below everything means last", () => {
  assert.equal(at(10, 500), 6);
});

test("above everything means first", () => {
  assert.equal(at(300, -20), 0);
});

test("in right-to-left text the halves swap", () => {
  assert.equal(insertionIndex(rtl, { x: 310, y: 50, isRtl: true }), 0);
  assert.equal(insertionIndex(rtl, { x: 230, y: 50, isRtl: true }), 1);
});

test("an empty list has one place", () => {
  assert.equal(insertionIndex([], { x: 5, y: 5, isRtl: false }), 0);
});
