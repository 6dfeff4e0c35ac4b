import assert from "node:assert/strict";
import test from "node:test";

import { FlowControl } from "../../../../static/manage_files/upload/flow_control.js";

const never = new AbortController().signal;

/** Who has been served, in order. */
function takers(flowControl) {
  const served = [];
  return { served, acquire: (name, signal = never) => flowControl.acquire(signal).then(() => served.push(name)) };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test("no more chunks than the window are on their way", async () => {
  const flowControl = new FlowControl(2);
  const { served, acquire } = takers(flowControl);
  for (const name of ["a", "b", "c"]) acquire(name);
  await settle();

  assert.deepEqual(served, ["a", "b"]);
});

test("an acknowledgement serves whoever asked first", async () => {
  const flowControl = new FlowControl(1);
  const { served, acquire } = takers(flowControl);
  for (const name of ["a", "b", "c"]) acquire(name);
  flowControl.release(1);
  await settle();

  assert.deepEqual(served, ["a", "b"]);
});

test("who gives up takes no credit with him", async () => {
  const flowControl = new FlowControl(1);
  const { served, acquire } = takers(flowControl);
  const impatient = new AbortController();
  acquire("a");
  const refused = assert.rejects(acquire("b", impatient.signal), /enough/);
  acquire("c");
  impatient.abort(new Error("enough"));
  flowControl.release(1);
  await refused;
  await settle();

  assert.deepEqual(served, ["a", "c"]);
});

test("credit given while nobody waits is not lost", async () => {
  const flowControl = new FlowControl(0);
  const { served, acquire } = takers(flowControl);
  flowControl.release(2);
  for (const name of ["a", "b", "c"]) acquire(name);
  await settle();

  assert.deepEqual(served, ["a", "b"]);
});
