import assert from "node:assert/strict";
import test from "node:test";

import { advance, IDLE, secondsLeft } from "../../../../static/manage_files/model/total_progress.js";

const card = (id, state, received = 0, size = 100) => ({ id, state, received, size });

/** The totals after each look, one second apart. */
function looks(...all) {
  let total = IDLE;
  return all.map((cards, second) => (total = advance(total, cards, second * 1000)));
}

test("nothing to do is nothing to show", () => {
  assert.equal(advance(IDLE, [card("a", "stored"), card("b", "failed"), card("c", "interrupted")], 0), IDLE);
});

test("images stored before the batch do not fill its bar", () => {
  const [total] = looks([card("old", "stored"), card("a", "uploading", 50)]);

  assert.equal(total.bytes, 100);
  assert.equal(total.received, 50);
});

test("all bytes received is not full: the bar waits for stored", () => {
  const [total] = looks([card("a", "processing", 100), card("b", "processing", 100)]);

  assert.ok(total.ratio < 1);
});

test("it never goes backwards when bytes have to be sent again or a file is removed", () => {
  const totals = looks(
    [card("a", "uploading", 80), card("b", "uploading", 80)],
    [card("a", "queued", 10), card("b", "uploading", 80)],
    [card("a", "queued", 10)],
  );

  assert.ok(totals[1].ratio >= totals[0].ratio);
  assert.ok(totals[2].ratio >= totals[1].ratio);
  assert.ok(totals[2].received <= totals[2].bytes);
});

test("it goes back when files are added", () => {
  const [before, after] = looks([card("a", "uploading", 80)], [card("a", "uploading", 80), card("b", "queued")]);

  assert.ok(after.ratio < before.ratio);
  assert.equal(after.bytes, 200);
});

test("a file that failed is no longer waited for", () => {
  const totals = looks(
    [card("a", "uploading", 0), card("b", "uploading", 50)],
    [card("a", "failed", 0), card("b", "uploading", 50)],
  );

  assert.equal(totals[1].bytes, 100);
});

test("the time left follows the measured speed", () => {
  const [, second] = looks([card("a", "uploading", 0, 1000)], [card("a", "uploading", 100, 1000)]);

  assert.equal(secondsLeft(second), 9);
});

test("no time is promised before there is a speed", () => {
  const [first] = looks([card("a", "uploading", 10)]);

  assert.equal(secondsLeft(first), null);
});
