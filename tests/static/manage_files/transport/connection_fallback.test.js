import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";

import { Connection } from "../../../../static/manage_files/transport/connection.js";
import { CloseCode } from "../../../../static/manage_files/transport/protocol.js";

/** A socket that does what the test says; `way` tells which kind it is. */
class FakeSocket extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static all = [];
  readyState = FakeSocket.CONNECTING;
  way = "socket";
  sent = [];
  closed = false;

  constructor() {
    super();
    FakeSocket.all.push(this);
  }

  send(data) {
    this.sent.push(JSON.parse(data).type);
  }

  close() {
    this.closed = true;
    this.readyState = 3;
  }

  says(frame) {
    if (this.readyState === FakeSocket.CONNECTING) this.dispatchEvent(new Event("open"));
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  ends(code = 1006) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

class FakeHttp extends FakeSocket {
  way = "http";
}

const SNAPSHOT = { type: "snapshot" };
const last = () => FakeSocket.all.at(-1);
const ways = () => FakeSocket.all.map(({ way }) => way);
let page;
let states;
let received;
let connection;

/** Time passes in small steps: timers that timers set count from when they were set. */
function pass(milliseconds) {
  for (let left = milliseconds; left > 0; left -= 100) mock.timers.tick(100);
}

/** The next attempt, which comes within its backoff. */
function next() {
  const before = FakeSocket.all.length;
  for (let waited = 0; FakeSocket.all.length === before && waited < 5_000; waited += 50) mock.timers.tick(50);
  assert.equal(FakeSocket.all.length, before + 1);
  return last();
}

/** A network that blocks WebSockets, up to the limited mode. Returns what stands in for the socket. */
function limited() {
  connection.start();
  last().ends();
  next().ends();
  next().says(SNAPSHOT);
  last().ends();
  const http = next();
  http.says(SNAPSHOT);
  states.length = 0;
  return http;
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  FakeSocket.all = [];
  states = [];
  received = [];
  page = Object.assign(new EventTarget(), {
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    navigator: { onLine: true },
  });
  connection = new Connection(
    "ws://x/",
    {
      connectionReceived: (frame) => {
        received.push(frame.type);
        if (frame.type === "snapshot" && !connection.isUp) connection.markEstablished();
      },
      connectionChanged: (state) => states.push(state),
    },
    { WebSocket: FakeSocket, page, openHttp: () => new FakeHttp() },
  );
});

test("after two failed handshakes, and one more when HTTP had answered, the window works over HTTP", () => {
  connection.start();
  last().ends();
  next().ends();
  assert.equal(next().way, "http");
  last().says(SNAPSHOT);
  assert.deepEqual(received, []);
  assert.equal(last().way, "socket");
  last().ends();
  next().says(SNAPSHOT);

  assert.deepEqual(ways(), ["socket", "socket", "http", "socket", "http"]);
  assert.deepEqual(states, ["reconnecting", "limited"]);
  assert.equal(connection.isUp, true);
  assert.deepEqual(received, ["snapshot"]);
});

test("a handshake that nobody answers fails after 5 s", () => {
  connection.start();
  mock.timers.tick(5_000);
  next();
  mock.timers.tick(5_000);

  assert.equal(next().way, "http");
});

test("a socket that opens and never says a word is as good as a failed handshake", () => {
  connection.start();
  for (let time = 0; time < 2; time += 1) {
    last().readyState = FakeSocket.OPEN;
    last().dispatchEvent(new Event("open"));
    pass(14_900);
    next();
  }

  assert.equal(last().way, "http");
});

test("a restart never ends in limited mode: the handshake works as soon as HTTP does", () => {
  connection.start();
  last().says(SNAPSHOT);
  last().ends();
  for (let attempt = 0; attempt < 6; attempt += 1) next().ends();
  while (next().way !== "http") last().ends();
  last().says(SNAPSHOT);
  last().says(SNAPSHOT);

  assert.equal(last().way, "socket");
  assert.deepEqual(states, ["live", "reconnecting", "live"]);
});

test("without a network no handshake says anything about WebSockets", () => {
  page.navigator.onLine = false;
  connection.start();
  last().ends();
  for (let attempt = 0; attempt < 5; attempt += 1) next().ends();

  assert.deepEqual(new Set(ways()), new Set(["socket"]));
  assert.deepEqual(states, ["offline"]);
});

test("a refusal is an answer: signed out is signed out, over HTTP as well", () => {
  const http = limited();
  http.ends(CloseCode.SIGNED_OUT);
  assert.equal(last().way, "http");
  last().says({ type: "error", code: "signed_out" });
  last().ends(CloseCode.SIGNED_OUT);
  assert.equal(connection.state, "signed_out");
  page.dispatchEvent(new Event("focus"));
  last().says(SNAPSHOT);

  assert.equal(connection.state, "limited");
});

test("a WebSocket is tried behind the scenes, and one that fails changes nothing", () => {
  const http = limited();
  assert.equal(next().way, "socket");
  last().ends();
  next();
  mock.timers.tick(5_000);
  assert.equal(last().closed, true);

  assert.deepEqual(states, []);
  assert.equal(http.closed, false);
});

test("the first frame of a WebSocket ends the limited mode, and that frame counts", () => {
  const http = limited();
  const socket = next();
  socket.readyState = FakeSocket.OPEN;
  socket.dispatchEvent(new Event("open"));
  assert.equal(connection.state, "limited");
  received.length = 0;
  socket.says(SNAPSHOT);
  assert.deepEqual(received, ["snapshot"]);
  assert.deepEqual(states, ["reconnecting", "live"]);
  assert.equal(http.closed, true);
  connection.send({ type: "ping" });
  assert.deepEqual(socket.sent, ["ping"]);
  mock.timers.tick(19_000);

  assert.equal(connection.state, "live");
});

test("what changes around us is a reason to try now", () => {
  const http = limited();
  const before = FakeSocket.all.length;
  page.dispatchEvent(new Event("online"));

  assert.equal(FakeSocket.all.length, before + 1);
  assert.equal(last().way, "socket");
  assert.deepEqual(http.sent, ["ping"]);
});

test("when HTTP fails too the user is told, and HTTP is asked again first", () => {
  limited().ends();
  assert.deepEqual(states, ["reconnecting"]);
  assert.equal(next().way, "http");
  last().says(SNAPSHOT);

  assert.deepEqual(states, ["reconnecting", "limited"]);
});

test("silence over HTTP is a lost line", () => {
  const http = limited();
  pass(30_000);

  assert.equal(http.closed, true);
});

test("leaving the page ends both", () => {
  const http = limited();
  const candidate = next();
  page.dispatchEvent(new Event("pagehide"));
  const before = FakeSocket.all.length;
  mock.timers.tick(120_000);

  assert.deepEqual([http.closed, candidate.closed], [true, true]);
  assert.equal(FakeSocket.all.length, before);
});

test("without an address for HTTP there is no limited mode", () => {
  connection = new Connection(
    "ws://x/",
    { connectionReceived() {}, connectionChanged() {} },
    { WebSocket: FakeSocket, page },
  );
  connection.start();
  for (let attempt = 0; attempt < 6; attempt += 1) {
    last().ends();
    next();
  }

  assert.deepEqual(new Set(ways()), new Set(["socket"]));
});
