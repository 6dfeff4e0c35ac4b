import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";

import { Connection } from "../../../../static/manage_files/transport/connection.js";
import { CloseCode } from "../../../../static/manage_files/transport/protocol.js";

/** A socket that does what the test says. */
class FakeSocket extends EventTarget {
  static CONNECTING = 0;
  static OPEN = 1;
  static all = [];
  readyState = FakeSocket.CONNECTING;
  bufferedAmount = 0;
  sent = [];
  closedWith = null;

  constructor() {
    super();
    FakeSocket.all.push(this);
  }

  static get last() {
    return FakeSocket.all.at(-1);
  }

  send(data) {
    this.sent.push(JSON.parse(data).type);
  }

  close(code) {
    this.closedWith = code;
    this.readyState = 3;
  }

  open() {
    this.readyState = FakeSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  says(frame) {
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
  }

  closes(code) {
    this.readyState = 3;
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}

let page;
let states;
let connection;

/** A connection as the page uses it: the first snapshot makes it live. */
function start() {
  connection.start();
  FakeSocket.last.open();
  FakeSocket.last.says({ type: "snapshot" });
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  FakeSocket.all = [];
  states = [];
  page = Object.assign(new EventTarget(), {
    document: Object.assign(new EventTarget(), { visibilityState: "visible" }),
    navigator: { onLine: true },
  });
  connection = new Connection(
    "ws://x/",
    {
      connectionReceived: (frame) => frame.type === "snapshot" && connection.markEstablished(),
      connectionChanged: (state) => states.push(state),
    },
    { WebSocket: FakeSocket, page },
  );
});

test("a dropped socket is replaced within 250 ms", () => {
  start();
  FakeSocket.last.closes(1006);
  mock.timers.tick(250);

  assert.equal(FakeSocket.all.length, 2);
  assert.deepEqual(states, ["live", "reconnecting"]);
});

test("a server that accepts and hangs is given 5 s", () => {
  connection.start();
  mock.timers.tick(5_000);
  mock.timers.tick(250);

  assert.equal(FakeSocket.all.length, 2);
  assert.equal(FakeSocket.all[0].closedWith, 1000);
});

test("refusals are final", () => {
  for (const [code, state] of [
    [CloseCode.NOT_ALLOWED, "not_allowed"],
    [CloseCode.NOT_FOUND, "not_found"],
  ]) {
    const before = FakeSocket.all.length;
    const one = new Connection(
      "ws://x/",
      { connectionReceived() {}, connectionChanged() {} },
      { WebSocket: FakeSocket, page },
    );
    one.start();
    FakeSocket.last.closes(code);
    mock.timers.tick(60_000);
    page.dispatchEvent(new Event("online"));

    assert.equal(one.state, state);
    assert.equal(FakeSocket.all.length, before + 1);
  }
});

test("the end of the draft is final", () => {
  start();
  connection.finish("expired");
  mock.timers.tick(60_000);
  page.dispatchEvent(new Event("online"));

  assert.equal(connection.state, "expired");
  assert.equal(FakeSocket.all.length, 1);
});

test("the close of an ended draft that says nothing about its end is asked about again", () => {
  start();
  FakeSocket.last.closes(CloseCode.ENDED);
  mock.timers.tick(250);

  assert.equal(connection.state, "reconnecting");
  assert.equal(FakeSocket.all.length, 2);
});

test("signed out: one try with the current cookie, then the user is asked", () => {
  start();
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  assert.equal(FakeSocket.all.length, 2);
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  mock.timers.tick(60_000);

  assert.equal(connection.state, "signed_out");
  assert.equal(FakeSocket.all.length, 2);
});

test("signed in anew elsewhere: the connection is established once more, so that uploads and commands go on", () => {
  start();
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  assert.equal(connection.isUp, false);
  FakeSocket.last.open();
  FakeSocket.last.says({ type: "snapshot" });

  assert.deepEqual(states, ["live", "reconnecting", "live"]);
});

test("the focus is enough to come back from signing in; a live connection does not care for it", () => {
  start();
  page.dispatchEvent(new Event("focus"));
  mock.timers.tick(5_000);
  assert.equal(FakeSocket.all.length, 1);
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  page.dispatchEvent(new Event("focus"));

  assert.equal(FakeSocket.all.length, 3);
});

test("coming back from signing in elsewhere connects again, without hiding the banner before it worked", () => {
  start();
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  FakeSocket.last.closes(CloseCode.SIGNED_OUT);
  page.document.dispatchEvent(new Event("visibilitychange"));
  assert.equal(FakeSocket.all.length, 3);
  assert.equal(connection.state, "signed_out");
  FakeSocket.last.open();
  FakeSocket.last.says({ type: "snapshot" });

  assert.equal(connection.state, "live");
});

test("silence is probed after 20 s; no answer is a lost connection, although the socket says open", () => {
  start();
  mock.timers.tick(20_000);
  assert.deepEqual(FakeSocket.last.sent, ["ping"]);
  mock.timers.tick(10_000);

  assert.equal(connection.state, "reconnecting");
});

test("what was asked and is not answered is probed after 5 s, however often one asks; an answer ends that", () => {
  start();
  connection.send({ type: "note" });
  mock.timers.tick(4_000);
  connection.send({ type: "remove" });
  mock.timers.tick(1_000);
  assert.deepEqual(FakeSocket.last.sent, ["note", "remove", "ping"]);
  FakeSocket.last.says({ type: "pong" });
  mock.timers.tick(10_000);
  assert.equal(connection.state, "live");
  connection.send({ type: "note" });
  mock.timers.tick(5_000);
  mock.timers.tick(10_000);

  assert.equal(connection.state, "reconnecting");
});

test("a server that lets us in and then hangs is not waited for longer than for an answer", () => {
  connection.start();
  FakeSocket.last.open();
  mock.timers.tick(5_000);
  assert.deepEqual(FakeSocket.last.sent, ["ping"]);
  mock.timers.tick(10_000);
  mock.timers.tick(250);

  assert.equal(FakeSocket.all.length, 2);
});

test("a thawed page asks at once whether its socket is still there", () => {
  start();
  page.document.dispatchEvent(new Event("resume"));
  mock.timers.tick(1_200);

  assert.equal(connection.state, "reconnecting");
});

test("a wake-up replaces an attempt that hangs, not one that has just begun", () => {
  connection.start();
  page.dispatchEvent(new Event("pageshow"));
  assert.equal(FakeSocket.all.length, 1);
  mock.timers.tick(1_201);
  page.dispatchEvent(new Event("online"));

  assert.equal(FakeSocket.all.length, 2);
});

test("any frame is a sign of life", () => {
  start();
  mock.timers.tick(20_000);
  FakeSocket.last.says({ type: "pong" });
  mock.timers.tick(19_000);

  assert.equal(connection.state, "live");
  assert.equal(FakeSocket.all.length, 1);
});

test("on a thin line a shrinking buffer is a sign of life too", () => {
  start();
  FakeSocket.last.bufferedAmount = 1_000_000;
  mock.timers.tick(20_000);
  FakeSocket.last.bufferedAmount = 500_000;
  mock.timers.tick(10_000);
  assert.equal(connection.state, "live");
  mock.timers.tick(10_000);

  assert.equal(connection.state, "reconnecting");
});

test("going offline is noticed within 2 s, coming back at once", () => {
  start();
  page.navigator.onLine = false;
  page.dispatchEvent(new Event("offline"));
  mock.timers.tick(2_000);
  assert.equal(connection.state, "offline");
  const attempts = FakeSocket.all.length;
  FakeSocket.last.closes(1006);
  page.navigator.onLine = true;
  page.dispatchEvent(new Event("online"));

  assert.equal(FakeSocket.all.length, attempts + 1);
});

test("leaving the page says goodbye cleanly, coming back from the cache connects", () => {
  start();
  page.dispatchEvent(new Event("pagehide"));
  assert.equal(FakeSocket.last.closedWith, 1000);
  mock.timers.tick(60_000);
  assert.equal(FakeSocket.all.length, 1);
  page.dispatchEvent(new Event("pageshow"));

  assert.equal(FakeSocket.all.length, 2);
});

test("a replaced socket is not listened to any more", () => {
  start();
  const old = FakeSocket.last;
  connection.tryNow();
  old.closes(CloseCode.NOT_FOUND);

  assert.notEqual(connection.state, "not_found");
});

test("trying now while all is well starts anew: what was asked and half sent on the last socket is told to be lost", () => {
  start();
  connection.tryNow();
  FakeSocket.last.open();
  FakeSocket.last.says({ type: "snapshot" });

  assert.deepEqual(states, ["live", "reconnecting", "live"]);
});

test("an element that is put elsewhere on the page starts anew", () => {
  start();
  connection.stop();
  connection.start();
  FakeSocket.last.open();
  FakeSocket.last.says({ type: "snapshot" });

  assert.deepEqual(states, ["live", "reconnecting", "live"]);
});

test("a server that dies after every snapshot is asked less and less often", () => {
  start();
  mock.method(Math, "random", () => 0.99);
  for (let time = 0; time < 12; time += 1) {
    FakeSocket.last.closes(1006);
    mock.timers.tick(5_000);
    FakeSocket.last.open();
    FakeSocket.last.says({ type: "snapshot" });
  }
  const before = FakeSocket.all.length;
  FakeSocket.last.closes(1006);
  mock.timers.tick(4_000);

  assert.equal(FakeSocket.all.length, before);
  mock.restoreAll();
});

test("stopping ends everything, twice is as good as once", () => {
  start();
  connection.stop();
  connection.stop();
  page.dispatchEvent(new Event("pageshow"));
  mock.timers.tick(60_000);

  assert.equal(FakeSocket.all.length, 1);
});

test("a server that does not understand this page is not asked for ever", () => {
  start();
  FakeSocket.last.closes(CloseCode.BAD_PROTOCOL);
  mock.timers.tick(60_000);
  FakeSocket.last.open();
  FakeSocket.last.says({ type: "snapshot" });
  FakeSocket.last.closes(CloseCode.BAD_PROTOCOL);
  const asked = FakeSocket.all.length;
  mock.timers.tick(600_000);

  assert.equal(FakeSocket.all.length, asked);
  assert.equal(states.at(-1), "outdated");
  assert.equal(connection.isFinal, true);
});
