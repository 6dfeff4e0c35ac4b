import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";

import { HttpSocket } from "../../../../static/manage_files/transport/http_socket.js";

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

/** A network in which the test answers. */
class FakeNetwork {
  requests = [];

  fetch = (address, init) =>
    new Promise((resolve, reject) => {
      const url = new URL(address, "http://x");
      this.requests.push({ url, path: url.pathname, query: url.searchParams, init, resolve, reject });
      init.signal?.addEventListener("abort", () => reject(init.signal.reason));
    });

  /** Requests that were not answered yet: "GET" or the path of a POST below the draft. */
  get waiting() {
    return this.requests.filter(({ answered }) => !answered);
  }

  async answer(request, messages = [], close = null, status = messages.length ? 200 : 204) {
    request.answered = true;
    request.resolve({ status, json: async () => ({ messages, close }) });
    await settle();
  }
}

let network;
let page;
let socket;
let heard;

const snapshot = (revision) => ({ type: "snapshot", revision });
const last = () => network.requests.at(-1);
const posts = () => network.requests.filter(({ init }) => init.method === "POST");

function chunk(handle, offset, bytes) {
  const frame = new Uint8Array(12 + bytes.length);
  const header = new DataView(frame.buffer);
  header.setUint32(0, handle);
  header.setBigUint64(4, BigInt(offset));
  frame.set(bytes, 12);
  return frame.buffer;
}

/** A socket that is open, and a file of it that may be sent. */
async function open(transfers = 0) {
  await network.answer(last(), [snapshot(1)]);
  for (let index = 0; index < transfers; index += 1) {
    socket.send(JSON.stringify({ type: "add", op: `a${index}` }));
    await network.answer(last(), [{ type: "transfer", op: `a${index}`, file: `f${index}`, handle: 7, offset: 0 }]);
  }
  heard.length = 0;
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  network = new FakeNetwork();
  page = { visibilityState: "visible" };
  heard = [];
  socket = new HttpSocket("/uploads/draft/d/", () => "token", { fetch: network.fetch, document: page });
  socket.addEventListener("open", () => heard.push("open"));
  socket.addEventListener("message", ({ data }) => heard.push(JSON.parse(data)));
  socket.addEventListener("close", ({ code }) => heard.push(code));
});

test("it opens with the first answer, which is the snapshot", async () => {
  assert.equal(last().path, "/uploads/draft/d/");
  assert.equal(last().query.get("revision"), "0");
  assert.equal(socket.readyState, 0);
  await network.answer(last(), [snapshot(3)]);

  assert.deepEqual(heard, ["open", snapshot(3), { type: "pong" }]);
  assert.equal(socket.readyState, 1);
});

test("it asks for what is new, soon at first, then every five seconds", async () => {
  await open();
  const pauses = [];
  for (let poll = 0; poll < 8; poll += 1) {
    const before = network.requests.length;
    let pause = 0;
    for (; network.requests.length === before; pause += 250) mock.timers.tick(250);
    pauses.push(pause);
    assert.equal(last().query.get("revision"), "1");
    await network.answer(last());
  }

  assert.deepEqual(pauses, [250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

test("a hidden page asks less often, but far more often than the draft needs", async () => {
  await open();
  page.visibilityState = "hidden";
  for (let poll = 0; poll < 9; poll += 1) {
    mock.timers.tick(30_000);
    await network.answer(last());
  }
  const before = network.requests.length;
  mock.timers.tick(29_999);
  assert.equal(network.requests.length, before);
  mock.timers.tick(1);

  assert.equal(network.requests.length, before + 1);
});

test("no news is a sign of life", async () => {
  await open();
  mock.timers.tick(250);
  await network.answer(last());

  assert.deepEqual(heard, [{ type: "pong" }]);
});

test("a ping asks at once, but never twice at the same time", async () => {
  await open();
  const before = network.requests.length;
  socket.send('{"type": "ping"}');
  socket.send('{"type": "ping"}');

  assert.equal(network.requests.length, before + 1);
});

test("commands go one after the other, in the order they were given, with the CSRF token", async () => {
  await open();
  socket.send('{"type": "reorder", "op": "1"}');
  socket.send('{"type": "remove", "op": "2"}');
  assert.equal(posts().length, 1);
  assert.equal(last().init.headers["X-CSRFToken"], "token");
  await network.answer(last(), [{ type: "ok", op: "1", revision: 2 }]);

  assert.deepEqual(
    posts().map(({ init }) => JSON.parse(init.body).op),
    ["1", "2"],
  );
  assert.deepEqual(heard, [{ type: "ok", op: "1", revision: 2 }]);
});

test("what a command changed is asked for right after it", async () => {
  await open();
  for (let poll = 0; poll < 6; poll += 1) {
    mock.timers.tick(5_000);
    await network.answer(last());
  }
  socket.send('{"type": "remove", "op": "1"}');
  await network.answer(last(), [{ type: "ok", op: "1", revision: 2 }]);
  const before = network.requests.length;
  mock.timers.tick(250);

  assert.equal(network.requests.length, before + 1);
  assert.equal(last().init.method, undefined);
});

test("the form's text waits for no other command, and outlives the page", async () => {
  await open();
  socket.send('{"type": "remove", "op": "1"}');
  socket.send('{"type": "note", "op": "2"}');
  assert.deepEqual(
    posts().map(({ init }) => init.keepalive),
    [true, true],
  );
  const note = last();
  socket.close();
  await settle();

  assert.equal(note.init.signal, null);
});

test("a long text is not more than a browser carries beyond the end of a page", async () => {
  await open();
  socket.send(JSON.stringify({ type: "note", op: "1", fields: "x".repeat(30_000) }));
  assert.equal(last().init.keepalive, false);
  await network.answer(last());
  // It is bytes that count, not letters.
  socket.send(JSON.stringify({ type: "note", op: "2", fields: "字".repeat(22_000) }));

  assert.equal(last().init.keepalive, false);
});

test("the chunks that wait go together, and their handle comes back with the ack", async () => {
  await open(2);
  socket.send(chunk(2, 0, [1, 2]));
  socket.send(chunk(2, 2, [3]));
  socket.send(chunk(2, 3, [4, 5]));
  assert.equal(last().path, "/uploads/draft/d/f1/7/0/");
  await network.answer(last(), [{ type: "ack", handle: 7, offset: 2 }]);
  assert.equal(last().path, "/uploads/draft/d/f1/7/2/");
  assert.deepEqual([...new Uint8Array(await last().init.body.arrayBuffer())], [3, 4, 5]);
  await network.answer(last(), [{ type: "ack", handle: 7, offset: 5 }]);

  assert.deepEqual(heard, [
    { type: "ack", handle: 2, offset: 2 },
    { type: "ack", handle: 2, offset: 5 },
  ]);
});

test("on a thin line they go one by one: progress is worth more than round trips", async () => {
  await open(1);
  for (const offset of [0, 1, 2, 3]) socket.send(chunk(1, offset, [1]));
  mock.timers.tick(600);
  await network.answer(posts().at(-1), [{ type: "ack", handle: 7, offset: 1 }]);
  assert.equal(posts().at(-1).init.body.size, 1);
  await network.answer(posts().at(-1), [{ type: "ack", handle: 7, offset: 2 }]);

  assert.equal(posts().at(-1).init.body.size, 2);
});

test("two files go side by side, though the server gave them the same handle", async () => {
  await open(2);
  const before = posts().length;
  socket.send(chunk(1, 0, [1]));
  socket.send(chunk(2, 0, [2]));

  assert.deepEqual(
    posts()
      .slice(before)
      .map(({ path }) => path),
    ["/uploads/draft/d/f0/7/0/", "/uploads/draft/d/f1/7/0/"],
  );
});

test("a chunk of a transfer that is no more is dropped", async () => {
  await open(1);
  const before = network.requests.length;
  socket.send(chunk(9, 0, [1]));

  assert.equal(network.requests.length, before);
});

test("a refusal that would close a socket closes this one, after its words", async () => {
  await open();
  socket.send('{"type": "remove", "op": "1"}');
  const error = { type: "error", op: "1", code: "signed_out" };
  await network.answer(last(), [error], 4401, 401);

  assert.deepEqual(heard, [error, 4401]);
  assert.equal(socket.readyState, 3);
});

test("a refused command is an answer like any other", async () => {
  await open();
  socket.send('{"type": "remove", "op": "1"}');
  await network.answer(last(), [{ type: "error", op: "1", code: "file_not_found" }], null, 404);

  assert.equal(socket.readyState, 1);
});

for (const [name, end] of [
  ["a network that fails", (request) => request.reject(new TypeError("failed to fetch"))],
  [
    "a page of a proxy",
    (request) => request.resolve({ status: 502, json: () => Promise.reject(new SyntaxError("<")) }),
  ],
  ["an answer of somebody else", (request) => request.resolve({ status: 200, json: async () => ({ error: "no" }) })],
]) {
  test(`${name} is a lost line`, async () => {
    await open();
    mock.timers.tick(250);
    end(last());
    await settle();
    mock.timers.tick(60_000);

    assert.deepEqual(heard, [1006]);
    assert.equal(network.requests.length, 2);
  });
}

test("a closed one is silent: nothing is asked, nothing is heard", async () => {
  await open(1);
  socket.send(chunk(1, 0, [1]));
  const sending = last();
  socket.close();
  await settle();
  await network.answer(sending, [{ type: "ack", handle: 7, offset: 1 }]);
  const before = network.requests.length;
  mock.timers.tick(60_000);

  assert.equal(sending.init.signal.aborted, true);
  assert.deepEqual(heard, []);
  assert.equal(network.requests.length, before);
});
