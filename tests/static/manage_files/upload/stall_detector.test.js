import assert from "node:assert/strict";
import test from "node:test";

import { StallDetector } from "../../../../static/manage_files/upload/stall_detector.js";

const card = (received, state = "uploading") => ({ id: "a", state, received });
const updated = (detector, each, now) => {
  const isNew = detector.update([each], now);
  return [each.stalled, isNew];
};

test("what does not move for so long stalls, is news once, and moves again with the next byte", () => {
  const detector = new StallDetector(10_000, () => {});

  assert.deepEqual(updated(detector, card(5), 0), [false, false]);
  assert.deepEqual(updated(detector, card(5), 9_999), [false, false]);
  assert.deepEqual(updated(detector, card(5), 10_000), [true, true]);
  assert.deepEqual(updated(detector, card(5), 11_000), [true, false]);
  assert.deepEqual(updated(detector, card(6), 12_000), [false, false]);
  assert.deepEqual(updated(detector, card(6), 21_000), [false, false]);
  detector.stop();
});

test("only what is uploading can stall, and coming back counts anew", () => {
  const detector = new StallDetector(10_000, () => {});
  updated(detector, card(5), 0);
  updated(detector, card(5, "paused"), 9_000);

  assert.deepEqual(updated(detector, card(5), 15_000), [false, false]);
  detector.stop();
});

test("it asks to be looked at again when the time is over", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  let looks = 0;
  new StallDetector(10_000, () => (looks += 1)).update([card(5)], 0);
  context.mock.timers.tick(9_999);
  assert.equal(looks, 0);
  context.mock.timers.tick(1);

  assert.equal(looks, 1);
});
