import assert from "node:assert/strict";
import test, { mock } from "node:test";

import { waitUntil } from "../../../../static/manage_files/client/wait_until.js";

test("what is so already is not waited for", async () => {
  assert.equal(await waitUntil(new EventTarget(), () => true), true);
});

test("it is looked at after each change", async () => {
  const target = new EventTarget();
  let count = 0;
  const waiting = waitUntil(target, () => count === 2);
  for (const next of [1, 2]) {
    count = next;
    target.dispatchEvent(new Event("change"));
  }

  assert.equal(await waiting, true);
});

test("after its time it is given up", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const waiting = waitUntil(new EventTarget(), () => false, 1_000);
  mock.timers.tick(1_000);

  assert.equal(await waiting, false);
  mock.timers.reset();
});
