import assert from "node:assert/strict";
import test from "node:test";

import { sortedIds } from "../../../../static/manage_files/arrange/sorting.js";

const card = (name, takenAt = null) => ({ id: name, name, takenAt });

test("names are sorted as people count", () => {
  assert.deepEqual(sortedIds([card("img10.jpg"), card("IMG2.jpg"), card("img1.jpg")], "name"), [
    "img1.jpg",
    "IMG2.jpg",
    "img10.jpg",
  ]);
});

test("what says when it was taken comes first, in order; the rest stays as it was", () => {
  const cards = [card("z"), card("late", 3000), card("a"), card("early", 10), card("same", 10)];

  assert.deepEqual(sortedIds(cards, "time"), ["early", "same", "late", "z", "a"]);
  assert.equal(cards[0].id, "z");
});
