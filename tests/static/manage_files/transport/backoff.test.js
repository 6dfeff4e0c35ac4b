import assert from "node:assert/strict";
import test from "node:test";

import { probeDelay, reconnectDelay } from "../../../../static/manage_files/transport/backoff.js";

const latest = () => 0.999999;

test("the first reconnect comes within 250 ms", () => {
  assert.ok(reconnectDelay(0, latest) < 250);
});

test("no wait is longer than 5 s, however often it failed", () => {
  for (const tries of [5, 10, 100, 2000]) assert.ok(reconnectDelay(tries, latest) <= 5_000);
});

test("the bound grows until it is reached", () => {
  const bounds = [0, 1, 2, 3, 4, 5].map((tries) => reconnectDelay(tries, latest));

  assert.deepEqual(
    bounds,
    [...bounds].sort((one, other) => one - other),
  );
  assert.equal(bounds.at(-1), 4_999);
});

test("full jitter: any wait down to nothing is possible", () => {
  assert.equal(
    reconnectDelay(10, () => 0),
    0,
  );
});

test("a WebSocket is tried again soon, and later about once a minute, not by all at once", () => {
  assert.deepEqual(
    [0, 1, 4, 5, 40].map((tries) => probeDelay(tries, () => 0)),
    [1_000, 2_000, 16_000, 30_000, 30_000],
  );
  assert.equal(probeDelay(0, () => 0.999) < 2_000, true);
  assert.equal(probeDelay(40, () => 0.999) < 60_000, true);
});
