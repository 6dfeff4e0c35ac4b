import assert from "node:assert/strict";
import test from "node:test";

import { Stalls } from "../../../../static/manage_files/upload/stall_detector.js";

const card = (received, state = "uploading") => ({ id: "a", state, received });
const marked = (stalls, each, now) => {
  const isNew = stalls.mark([each], now);
  return [each.stalled, isNew];
};

test("what does not move for so long stalls, is news once, and moves again with the next byte", () => {
  const stalls = new Stalls(10_000, () => {});

  assert.deepEqual(marked(stalls, card(5), 0), [false, false]);
  assert.deepEqual(marked(stalls, card(5), 9_999), [false, false]);
  assert.deepEqual(marked(stalls, card(5), 10_000), [true, true]);
  assert.deepEqual(marked(stalls, card(5), 11_000), [true, false]);
  assert.deepEqual(marked(stalls, card(6), 12_000), [false, false]);
  assert.deepEqual(marked(stalls, card(6), 21_000), [false, false]);
  stalls.stop();
});

test("only what is uploading can stall, and coming back counts anew", () => {
  const stalls = new Stalls(10_000, () => {});
  marked(stalls, card(5), 0);
  marked(stalls, card(5, "paused"), 9_000);

  assert.deepEqual(marked(stalls, card(5), 15_000), [false, false]);
  stalls.stop();
});

test("it asks to be looked at again when the time is over", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let looks = 0;
  new Stalls(10_000, () => (looks += 1)).mark([card(5)], 0);
  context.mock.timers.tick(9_999);
  assert.equal(looks, 0);
  context.mock.timers.tick(1);

  assert.equal(looks, 1);
});
