import assert from "node:assert/strict";
import test from "node:test";

import { MAX_TRIES, Retries } from "../../../../static/manage_files/upload/auto_retry.js";

test("it is tried again later and later, and five times in all", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const tried = [];
  const retries = new Retries((file) => tried.push(file));
  for (let count = 1; count <= MAX_TRIES; count += 1) {
    assert.equal(retries.failed("a"), count);
    context.mock.timers.tick(500 * 2 ** (count - 1) - 1);
    assert.equal(tried.length, count - 1);
    context.mock.timers.tick(500 * 2 ** (count - 1) + 1);
    assert.equal(tried.length, count);
  }

  assert.equal(retries.failed("a"), 0);
  assert.equal(retries.failed("a"), 1); // Somebody tried it by hand, and it counts anew.
});

test("what was tried by hand, or is not wanted any more, is not tried twice", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const retries = new Retries(() => assert.fail());
  retries.failed("a");
  retries.failed("b");
  retries.begun("a");
  retries.forget("b");
  context.mock.timers.tick(60_000);

  assert.equal(retries.failed("a"), 2);
  assert.equal(retries.failed("b"), 1);
  retries.forget("a");
  retries.forget("b");
});
