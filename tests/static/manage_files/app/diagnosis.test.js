import assert from "node:assert/strict";
import test, { afterEach, beforeEach, mock } from "node:test";

import { Diagnosis } from "../../../../static/manage_files/app/diagnosis.js";

const settle = () => new Promise((resolve) => setImmediate(resolve));

let live;
let asked;
let answer;
let changes;
let diagnosis;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.location = { origin: "https://shop.test" };
  live = Object.assign(new EventTarget(), { connection: "live" });
  asked = [];
  answer = () => Response.json({ problem: "origin_refused" });
  globalThis.fetch = async (address) => {
    asked.push(address);
    return answer();
  };
  changes = 0;
  const onChange = () => {
    changes += 1;
  };
  diagnosis = new Diagnosis(live, "/uploads/d/", onChange);
  diagnosis.start();
});
afterEach(() => {
  diagnosis.stop();
  mock.timers.reset();
});

async function becomes(connection) {
  live.connection = connection;
  live.dispatchEvent(new Event("change"));
  mock.timers.tick(0);
  await settle();
}

test("without WebSockets the server is asked at once, with the origin of the page", async () => {
  await becomes("limited");

  assert.deepEqual(asked, ["/uploads/d/diagnosis/?origin=https%3A%2F%2Fshop.test"]);
  assert.equal(diagnosis.problem, "origin_refused");
  assert.equal(changes, 1);
});

test("a restart is over before anybody is asked", async () => {
  await becomes("reconnecting");
  mock.timers.tick(5_999);
  await becomes("live");
  mock.timers.tick(60_000);

  assert.deepEqual(asked, []);
});

test("what is wrong is asked again until it is right", async () => {
  await becomes("limited");
  answer = () => Response.json({ problem: "" });
  mock.timers.tick(20_000);
  await settle();

  assert.equal(asked.length, 2);
  assert.equal(diagnosis.problem, "");
  assert.equal(changes, 2);
});

test("one trouble is not forgotten between two attempts to connect", async () => {
  await becomes("reconnecting");
  mock.timers.tick(6_000);
  await settle();
  await becomes("limited");

  assert.equal(diagnosis.problem, "origin_refused");
  await becomes("live");
  assert.equal(diagnosis.problem, "");
});

test("where nobody answers it is the network, as far as anybody can tell", async () => {
  answer = () => Promise.reject(new TypeError("no network"));
  await becomes("limited");

  assert.equal(diagnosis.problem, "");
  assert.equal(changes, 0);
});

test("an answer that comes when it is over changes nothing", async () => {
  await becomes("limited");
  answer = () => Response.json({ problem: "no_heartbeat" });
  mock.timers.tick(20_000);
  live.connection = "live";
  await settle();

  assert.equal(diagnosis.problem, "origin_refused");
});
