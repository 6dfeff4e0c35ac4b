import assert from "node:assert/strict";
import test from "node:test";

import { AutoRetry, MAX_TRIES } from "../../../../static/manage_files/upload/auto_retry.js";

test("it is tried again later and later, and five times in all", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const tried = [];
  const autoRetry = new AutoRetry((file) => tried.push(file));
  for (let count = 1; count <= MAX_TRIES; count += 1) {
    assert.equal(autoRetry.schedule("a"), count);
    context.mock.timers.tick(500 * 2 ** (count - 1) - 1);
    assert.equal(tried.length, count - 1);
    context.mock.timers.tick(500 * 2 ** (count - 1) + 1);
    assert.equal(tried.length, count);
  }

  assert.equal(autoRetry.schedule("a"), 0);
  assert.equal(autoRetry.schedule("a"), 1); // Somebody tried it by hand, and it counts anew.
});

test("what was tried by hand, or is not wanted any more, is not tried twice", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const autoRetry = new AutoRetry(() => assert.fail());
  autoRetry.schedule("a");
  autoRetry.schedule("b");
  autoRetry.cancelTimer("a");
  autoRetry.reset("b");
  context.mock.timers.tick(60_000);

  assert.equal(autoRetry.schedule("a"), 2);
  assert.equal(autoRetry.schedule("b"), 1);
  autoRetry.reset("a");
  autoRetry.reset("b");
});
