import assert from "node:assert/strict";
import test from "node:test";

import { RefusedError, Requests } from "../../../../static/manage_files/transport/requests.js";
import { nextTurns, Uploader } from "../../../../static/manage_files/upload/uploader.js";

const limits = { parallel_files: 2, window_chunks: 2, chunk_bytes: 10 };
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
const file = (size = 20) => new File([new Uint8Array(size)], "a.jpg");

/** An uploader and everything it said: commands by type and file, chunks by handle and offset, and news of its files. */
function connected(order = ["a", "b", "c"]) {
  const commands = [];
  const chunks = [];
  const events = [];
  const requests = new Requests((message) => commands.push(message) > 0);
  const uploader = new Uploader(
    requests,
    (frame) => {
      const view = new DataView(frame);
      return chunks.push([view.getUint32(0), Number(view.getBigUint64(4))]) > 0;
    },
    {
      uploadOrder: () => order,
      uploadProgressed: () => {},
      uploadTurnChanged: (id, sending) => events.push(`${id} ${sending ? "starts" : "stops"}`),
      uploadDone: (id) => events.push(`${id} done`),
      uploadFailed: (id, error) => events.push(`${id} ${error.code}`),
    },
  );
  const said = () => commands.map(({ type, file: id }) => `${type} ${id}`);
  /** Waits until so many commands were sent: a hash takes a thread, and its time. */
  const sent = async (count) => {
    while (commands.length < count) await settle();
  };
  const answer = async (index, frame) => {
    await sent(index + 1);
    requests.receive({ op: commands.at(index).op, ...frame });
    await settle();
  };
  const resume = () => {
    uploader.resume(limits);
    requests.resume();
  };
  const pause = () => {
    requests.pause();
    uploader.pause();
  };
  resume();
  return { uploader, requests, commands, chunks, events, said, sent, answer, resume, pause };
}

test("all files are announced at once, their bytes take turns in list order", async () => {
  const { uploader, said, answer, events } = connected();
  for (const id of ["a", "b", "c"]) uploader.upload(id, file(), { type: "add", file: id });
  assert.deepEqual(said(), ["add a", "add b", "add c"]);
  for (const index of [0, 1, 2]) await answer(index, { type: "transfer", handle: index + 1, offset: 0 });

  assert.deepEqual(events, ["a starts", "b starts"]);
});

test("the next file starts when one has all its bytes there", async () => {
  const { uploader, answer, events } = connected();
  for (const id of ["a", "b", "c"]) uploader.upload(id, file(), { type: "add", file: id });
  for (const index of [0, 1, 2]) await answer(index, { type: "transfer", handle: index + 1, offset: 0 });
  uploader.acknowledged({ handle: 1, offset: 10 });
  await settle();
  uploader.acknowledged({ handle: 1, offset: 20 });
  await settle();

  assert.deepEqual(events.slice(2), ["a stops", "c starts"]);
});

test("a file is done when the server has accepted finish with its hash", async () => {
  const { uploader, commands, sent, answer, events } = connected();
  uploader.upload("a", file(10), { type: "add", file: "a" });
  await answer(0, { type: "transfer", handle: 1, offset: 0 });
  uploader.acknowledged({ handle: 1, offset: 10 });
  await sent(2);
  assert.equal(commands[1].type, "finish");
  assert.match(commands[1].sha256, /^[0-9a-f]{64}$/);
  await answer(1, { type: "ok", revision: 3 });

  assert.equal(events.at(-1), "a done");
});

test("a file the server knows already needs no bytes", async () => {
  const { uploader, answer, events, chunks } = connected();
  uploader.upload("a", file(), { type: "add", file: "a" });
  await answer(0, { type: "ok", revision: 3 });

  assert.deepEqual(events, ["a done"]);
  assert.deepEqual(chunks, []);
});

test("after a reconnect every unfinished file asks where to go on, those half sent first", async () => {
  const { uploader, said, answer, chunks, resume, pause } = connected();
  for (const id of ["a", "b", "c"]) uploader.upload(id, file(), { type: "add", file: id });
  for (const index of [0, 1, 2]) await answer(index, { type: "transfer", handle: index + 1, offset: 0 });
  pause();
  await settle();
  resume();
  await settle();
  assert.deepEqual(said().slice(3), ["resume a", "resume b", "resume c"]);
  await answer(3, { type: "transfer", handle: 1, offset: 10 });

  assert.deepEqual(chunks.at(-1), [1, 10]);
});

test("a finish that was not answered becomes a question where to go on", async () => {
  const { uploader, said, sent, answer, resume, pause, events } = connected();
  uploader.upload("a", file(10), { type: "add", file: "a" });
  await answer(0, { type: "transfer", handle: 1, offset: 0 });
  uploader.acknowledged({ handle: 1, offset: 10 });
  await sent(2);
  pause();
  resume();
  await answer(2, { type: "transfer", handle: 1, offset: 10 });
  await sent(4);
  assert.deepEqual(said(), ["add a", "finish a", "resume a", "finish a"]);
  await answer(3, { type: "ok", revision: 4 });

  assert.equal(events.at(-1), "a done");
});

test("an add that was not answered is repeated: without it the file has no place", async () => {
  const { uploader, said, resume, pause } = connected();
  uploader.upload("a", file(), { type: "add", file: "a" });
  pause();
  resume();
  await settle();

  assert.deepEqual(said(), ["add a", "add a"]);
});

test("a handle of the old socket acknowledges nothing on the new one", async () => {
  const { uploader, answer, events, resume, pause } = connected();
  for (const id of ["a", "b"]) uploader.upload(id, file(10), { type: "add", file: id });
  await answer(0, { type: "transfer", handle: 1, offset: 0 });
  await answer(1, { type: "transfer", handle: 2, offset: 0 });
  pause();
  await settle();
  resume();
  await settle();
  await answer(3, { type: "transfer", handle: 1, offset: 0 });
  uploader.acknowledged({ handle: 1, offset: 10 });
  await settle();

  assert.deepEqual(events.slice(4), ["b starts", "b stops"]);
});

test("a changed file is sent again, but not for ever", async () => {
  const { uploader, commands, sent, answer, events } = connected();
  uploader.upload("a", file(10), { type: "add", file: "a" });
  await answer(0, { type: "transfer", handle: 1, offset: 0 });
  for (let attempt = 0; attempt < 4; attempt += 1) {
    const before = commands.length;
    uploader.acknowledged({ handle: attempt + 1, offset: 10 });
    await sent(before + 1);
    await answer(-1, { type: "error", code: "checksum_mismatch", message: "Changed.", retryable: true });
    if (commands.at(-1).type === "resume") await answer(-1, { type: "transfer", handle: attempt + 2, offset: 0 });
  }

  assert.equal(events.at(-1), "a checksum_mismatch");
});

test("a removed file stops at once and its turn goes to the next", async () => {
  const { uploader, answer, events } = connected();
  for (const id of ["a", "b", "c"]) uploader.upload(id, file(100), { type: "add", file: id });
  for (const index of [0, 1, 2]) await answer(index, { type: "transfer", handle: index + 1, offset: 0 });
  uploader.cancel("a");
  await settle();

  assert.deepEqual(events.slice(2), ["a stops", "c starts"]);
});

test("a file another tab took over is given up with the reason", async () => {
  const { uploader, answer, events } = connected();
  uploader.upload("a", file(100), { type: "add", file: "a" });
  await answer(0, { type: "transfer", handle: 1, offset: 0 });
  uploader.refused("a", new RefusedError({ code: "superseded", message: "Elsewhere.", retryable: false }));
  await settle();

  assert.equal(events.at(-1), "a superseded");
});

const order = ["a", "b", "c", "d", "e"];

test("list order decides, not the order of adding", () => {
  const waiting = new Set(["e", "c", "a", "b"]);

  assert.deepEqual(nextTurns({ order, waiting, sending: 0, parallel: 3 }), ["a", "b", "c"]);
});

test("no more than the limit send at once", () => {
  const waiting = new Set(order);

  assert.deepEqual(nextTurns({ order, waiting, sending: 2, parallel: 3 }), ["a"]);
  assert.deepEqual(nextTurns({ order, waiting, sending: 3, parallel: 3 }), []);
});

test("a lowered limit stops nobody and starts nobody", () => {
  assert.deepEqual(nextTurns({ order, waiting: new Set(["a"]), sending: 3, parallel: 1 }), []);
});

test("a file that left the draft gets no turn", () => {
  assert.deepEqual(nextTurns({ order, waiting: new Set(["gone", "d"]), sending: 0, parallel: 3 }), ["d"]);
});
