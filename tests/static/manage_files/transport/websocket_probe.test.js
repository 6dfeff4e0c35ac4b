import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";

import { WebSocketProbe } from "../../../../static/manage_files/transport/websocket_probe.js";

class Candidate extends EventTarget {
  closedWith = null;

  close(code) {
    this.closedWith = code;
  }

  says(data) {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }
}

let opened;
let first;
let probe;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  opened = [];
  first = [];
  const open = () => {
    opened.push(new Candidate());
    return opened.at(-1);
  };
  probe = new WebSocketProbe(open, (socket, data) => first.push([socket, data]));
});
afterEach(() => {
  probe.stop();
  mock.timers.reset();
});

test("a first frame is what counts, and the socket is handed over open", () => {
  probe.tryNow();
  opened[0].says("hello");

  assert.deepEqual(first, [[opened[0], "hello"]]);
  assert.equal(opened[0].closedWith, null);
  opened[0].says("more");
  assert.equal(first.length, 1);
});

test("a socket that opens and lets nothing through is given up, and another one tried", () => {
  probe.tryNow();
  mock.timers.tick(5_000);

  assert.equal(opened[0].closedWith, 1000);
  opened[0].says("too late");
  assert.deepEqual(first, []);
  mock.timers.tick(600_000);
  assert.ok(opened.length > 1);
});

test("a socket that is refused is followed by another, after longer and longer pauses", () => {
  probe.start();
  const tried = [];
  for (let second = 0; second < 3_600; second += 1) {
    mock.timers.tick(1_000);
    if (opened.length > tried.length) {
      tried.push(second);
      opened.at(-1).dispatchEvent(new Event("close"));
    }
  }
  const pauses = tried.slice(1).map((second, at) => second - tried[at]);

  assert.ok(pauses.length > 3, `${pauses}`);
  assert.ok(Math.max(...pauses.slice(0, 2)) < Math.max(...pauses.slice(-2)), `${pauses}`);
});

test("once stopped, nothing is tried any more", () => {
  probe.start();
  probe.stop();
  mock.timers.tick(3_600_000);

  assert.deepEqual(opened, []);
});
