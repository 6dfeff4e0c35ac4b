import assert from "node:assert/strict";
import test from "node:test";

import { endOf, isReordered, listOf, positionsOf } from "../../../../static/manage_files/model/positions.js";

const list = (id, ...files) => ({ id, label: id, cards: files.map((file) => ({ id: file })) });
const lists = [list("", "a", "b", "c", "d"), list("red", "e"), list("blue")];

test("a card in the middle can go everywhere", () => {
  assert.deepEqual(positionsOf(lists, ["c"]), {
    first: { list: "", after: null },
    earlier: { list: "", after: "a" },
    later: { list: "", after: "d" },
    last: { list: "", after: "d" },
  });
});

test("earlier from the second place is the first place", () => {
  assert.deepEqual(positionsOf(lists, ["b"]).earlier, { list: "", after: null });
});

test("a card at an end has nowhere to go there", () => {
  assert.equal(positionsOf(lists, ["a"]).first, null);
  assert.equal(positionsOf(lists, ["a"]).earlier, null);
  assert.equal(positionsOf(lists, ["d"]).later, null);
  assert.deepEqual(positionsOf(lists, ["e"]), { first: null, earlier: null, later: null, last: null });
});

test("several cards go together; what stands apart gathers first", () => {
  assert.deepEqual(positionsOf(lists, ["b", "c"]), {
    first: { list: "", after: null },
    earlier: { list: "", after: null },
    later: { list: "", after: "d" },
    last: { list: "", after: "d" },
  });
  assert.deepEqual(positionsOf(lists, ["b", "d"]), {
    first: { list: "", after: null },
    earlier: { list: "", after: null },
    later: { list: "", after: "c" },
    last: { list: "", after: "c" },
  });
  assert.equal(positionsOf(lists, ["a", "b"]).earlier, null);
  assert.equal(positionsOf(lists, ["c", "d"]).last, null);
});

test("cards of several lists gather in the list of one of them", () => {
  assert.deepEqual(positionsOf(lists, ["a", "e"], "e").first, { list: "red", after: null });
  assert.deepEqual(positionsOf(lists, ["a", "e"]).later, { list: "", after: "b" });
});

test("a card that is gone has no places", () => {
  assert.equal(positionsOf(lists, ["gone"]).first, null);
  assert.equal(listOf(lists, "gone"), null);
});

test("the end of a list, full or empty", () => {
  assert.deepEqual(endOf(lists[1]), { list: "red", after: "e" });
  assert.deepEqual(endOf(lists[2]), { list: "blue", after: null });
});

test("another order or another list is news; what came or went is not", () => {
  assert.ok(isReordered([list("", "a", "b")], [list("", "b", "a")]));
  assert.ok(isReordered([list("", "a", "b"), list("red")], [list("", "a"), list("red", "b")]));
  assert.ok(!isReordered([list("", "a", "b", "c")], [list("", "new", "a", "c")]));
  assert.ok(!isReordered([list("", "a"), list("red", "b")], [list("", "a", "b")]));
});
