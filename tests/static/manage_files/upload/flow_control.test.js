import assert from "node:assert/strict";
import test from "node:test";

import { Credit } from "../../../../static/manage_files/upload/flow_control.js";

const never = new AbortController().signal;

/** Who has been served, in order. */
function takers(credit) {
  const served = [];
  return { served, take: (name, signal = never) => credit.take(signal).then(() => served.push(name)) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("no more chunks than the window are on their way", async () => {
  const credit = new Credit(2);
  const { served, take } = takers(credit);
  for (const name of ["a", "b", "c"]) take(name);
  await settle();

  assert.deepEqual(served, ["a", "b"]);
});

test("an acknowledgement serves whoever asked first", async () => {
  const credit = new Credit(1);
  const { served, take } = takers(credit);
  for (const name of ["a", "b", "c"]) take(name);
  credit.give(1);
  await settle();

  assert.deepEqual(served, ["a", "b"]);
});

test("who gives up takes no credit with him", async () => {
  const credit = new Credit(1);
  const { served, take } = takers(credit);
  const impatient = new AbortController();
  take("a");
  const refused = assert.rejects(take("b", impatient.signal), /enough/);
  take("c");
  impatient.abort(new Error("enough"));
  credit.give(1);
  await refused;
  await settle();

  assert.deepEqual(served, ["a", "c"]);
});

test("credit given while nobody waits is not lost", async () => {
  const credit = new Credit(0);
  const { served, take } = takers(credit);
  credit.give(2);
  for (const name of ["a", "b", "c"]) take(name);
  await settle();

  assert.deepEqual(served, ["a", "b"]);
});
