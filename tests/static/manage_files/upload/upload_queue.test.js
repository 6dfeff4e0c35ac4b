import assert from "node:assert/strict";
import test from "node:test";

import { nextTurns } from "../../../../static/manage_files/upload/upload_queue.js";

const order = ["a", "b", "c", "d", "e"];

test("list order decides, not the order of adding", () => {
  const waiting = new Set(["e", "c", "a", "b"]);

  assert.deepEqual(nextTurns({ order, waiting, sending: 0, parallel: 3 }), ["a", "b", "c"]);
});

test("no more than the limit send at once", () => {
  const waiting = new Set(order);

  assert.deepEqual(nextTurns({ order, waiting, sending: 2, parallel: 3 }), ["a"]);
  assert.deepEqual(nextTurns({ order, waiting, sending: 3, parallel: 3 }), []);
});

test("a lowered limit stops nobody and starts nobody", () => {
  assert.deepEqual(nextTurns({ order, waiting: new Set(["a"]), sending: 3, parallel: 1 }), []);
});

test("a file that left the draft gets no turn", () => {
  assert.deepEqual(nextTurns({ order, waiting: new Set(["gone", "d"]), sending: 0, parallel: 3 }), ["d"]);
});
