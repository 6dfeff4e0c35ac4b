import assert from "node:assert/strict";
import test from "node:test";

import { changeSummary } from "../../../../static/manage_files/app/change_summary.js";

const card = (name, state = "stored", error = null) => ({ id: name, name, state, error });
const look = (cards, { removedCards = [], ratio = 0 } = {}) => ({ cards, removedCards, ratio });

test("the first look is no news", () => {
  assert.deepEqual(changeSummary(null, look([card("a.jpg")])), []);
});

test("what was added together is said together", () => {
  assert.deepEqual(changeSummary(look([card("a")]), look([card("a"), card("b", "queued"), card("c", "queued")])), [
    "2 images added, 3 in all.",
  ]);
});

test("progress of a single file is not said, the quarters of the total are", () => {
  const before = look([card("a", "uploading")], { ratio: 0.2 });

  assert.deepEqual(changeSummary(before, look([card("a", "uploading")], { ratio: 0.24 })), []);
  assert.deepEqual(changeSummary(before, look([card("a", "uploading")], { ratio: 0.6 })), ["50% uploaded."]);
});

test("a file that became stored is said by name, many by number", () => {
  const names = ["a", "b", "c", "d"];
  const before = look(names.map((name) => card(name, "processing")));

  assert.deepEqual(changeSummary(before, look([card("a"), ...before.cards.slice(1)])), ["a uploaded."]);
  assert.deepEqual(changeSummary(before, look(names.map((name) => card(name)))), ["4 images uploaded."]);
});

test("a failure is said with its reason, once", () => {
  const failed = look([card("a", "failed", { message: "Cut off." })]);

  assert.deepEqual(changeSummary(look([card("a", "processing")]), failed), ["a: Cut off."]);
  assert.deepEqual(changeSummary(failed, failed), []);
});

test("a removal and its way back", () => {
  const here = look([card("a"), card("b")]);
  const removed = look([card("b")], { removedCards: [card("a", "removed")] });

  assert.deepEqual(changeSummary(here, removed), ["a removed."]);
  assert.deepEqual(changeSummary(removed, here), ["a restored."]);
});
