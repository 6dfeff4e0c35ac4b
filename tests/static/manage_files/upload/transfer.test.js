import assert from "node:assert/strict";
import test from "node:test";

import { FlowControl } from "../../../../static/manage_files/upload/flow_control.js";
import { Transfer, UnreadableFileError } from "../../../../static/manage_files/upload/transfer.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

/** A connection slot that collects chunks: `[handle, offset, bytes]`. */
function openSlot({ window = 4, chunkBytes = 10 } = {}) {
  const sent = [];
  const socket = new AbortController();
  const send = (frame) => {
    const view = new DataView(frame);
    sent.push([view.getUint32(0), Number(view.getBigUint64(4)), frame.byteLength - 12]);
    return true;
  };
  return { sent, socket, flowControl: new FlowControl(window), signal: socket.signal, send, chunkBytes };
}

const blob = (size) => new Blob([new Uint8Array(size).fill(7)]);

test("chunks carry handle and offset, the last one what is left", async () => {
  const slot = openSlot();
  const transfer = new Transfer(blob(25), { handle: 9, offset: 0 }, slot, () => {});
  const done = transfer.run();
  await settle();
  transfer.acknowledge(25);
  await done;

  assert.deepEqual(slot.sent, [
    [9, 0, 10],
    [9, 10, 10],
    [9, 20, 5],
  ]);
});

test("it goes on where the server says", async () => {
  const slot = openSlot();
  new Transfer(blob(25), { handle: 9, offset: 15 }, slot, () => {}).run();
  await settle();

  assert.deepEqual(
    slot.sent.map(([, offset]) => offset),
    [15],
  );
});

test("no more than the window is unacknowledged; an ack over several chunks frees them all", async () => {
  const slot = openSlot({ window: 2 });
  const transfer = new Transfer(blob(60), { handle: 1, offset: 0 }, slot, () => {});
  transfer.run();
  await settle();
  assert.equal(slot.sent.length, 2);
  transfer.acknowledge(20);
  await settle();

  assert.equal(slot.sent.length, 4);
});

test("sent is not received: it is done when the server has everything", async () => {
  const slot = openSlot();
  const received = [];
  const transfer = new Transfer(blob(20), { handle: 1, offset: 0 }, slot, (bytes) => received.push(bytes));
  let done = false;
  transfer.run().then(() => (done = true));
  await settle();
  assert.equal(done, false);
  transfer.acknowledge(10);
  transfer.acknowledge(20);
  await settle();

  assert.equal(done, true);
  assert.deepEqual(received, [10, 20]);
});

test("a file the server has completely needs no chunk", async () => {
  const slot = openSlot();
  await new Transfer(blob(20), { handle: 1, offset: 20 }, slot, () => {}).run();

  assert.deepEqual(slot.sent, []);
});

test("two files share the window fairly", async () => {
  const slot = openSlot({ window: 2 });
  const transfers = [1, 2].map((handle) => new Transfer(blob(40), { handle, offset: 0 }, slot, () => {}));
  transfers.forEach((transfer) => transfer.run());
  for (const offset of [10, 20, 30]) {
    await settle();
    transfers.forEach((transfer) => transfer.acknowledge(offset));
  }
  await settle();

  assert.deepEqual(slot.sent.map(([handle]) => handle).sort(), [1, 1, 1, 1, 2, 2, 2, 2]);
});

test("a broken socket ends it with the socket's reason", async () => {
  const slot = openSlot({ window: 1 });
  const done = new Transfer(blob(40), { handle: 1, offset: 0 }, slot, () => {}).run();
  await settle();
  slot.socket.abort(new Error("gone"));

  await assert.rejects(done, /gone/);
});

test("a stopped file gives back the credit of its chunks on their way", async () => {
  const slot = openSlot({ window: 2 });
  const one = new Transfer(blob(40), { handle: 1, offset: 0 }, slot, () => {});
  const stopped = assert.rejects(one.run(), /removed/);
  await settle();
  one.stop(new Error("removed"));
  await stopped;
  one.release();
  new Transfer(blob(40), { handle: 2, offset: 0 }, slot, () => {}).run();
  await settle();

  assert.deepEqual(
    slot.sent.map(([handle]) => handle),
    [1, 1, 2, 2],
  );
});

test("a file that vanished from the disk is said so", async () => {
  const gone = { size: 20, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) };

  await assert.rejects(new Transfer(gone, { handle: 1, offset: 0 }, openSlot(), () => {}).run(), UnreadableFileError);
});
