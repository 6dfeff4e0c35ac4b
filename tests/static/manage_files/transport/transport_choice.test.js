import assert from "node:assert/strict";
import test from "node:test";

import { TransportChoice } from "../../../../static/manage_files/transport/transport_choice.js";

/** The ways taken while attempts end as told: "x" fails, "!" is answered. */
function taken(ends, canHttp = true) {
  const choice = new TransportChoice();
  return [...ends]
    .map((end) => {
      const way = choice.usesHttp ? "http" : "socket";
      if (end === "x") choice.failed(canHttp);
      else choice.answered();
      return way;
    })
    .concat(choice.isLimited ? "limited" : "not limited")
    .join(" ");
}

test("a handshake that still fails when HTTP has answered proves that WebSockets are blocked", () => {
  assert.equal(taken("xx!x"), "socket socket http socket limited");
});

test("one failed handshake proves nothing", () => {
  assert.equal(taken("x!x!x!"), "socket socket socket socket socket socket not limited");
});

test("a server that is down answers nothing: both ways are tried in turn, and neither is believed", () => {
  assert.equal(taken("xxxxxxx"), "socket socket http socket http socket http not limited");
});

test("a server that comes back is never mistaken, whichever way asks it first", () => {
  assert.equal(taken("xx!!"), "socket socket http socket not limited");
  assert.equal(taken("xxx!"), "socket socket http socket not limited");
  assert.equal(taken("xxxx!!"), "socket socket http socket http socket not limited");
});

test("limited lasts as long as HTTP answers, and is proved anew after it did not", () => {
  assert.equal(taken("xx!x!!"), "socket socket http socket http http limited");
  assert.equal(taken("xx!xx"), "socket socket http socket http not limited");
  assert.equal(taken("xx!xxx!x"), "socket socket http socket http socket http socket limited");
});

test("only the answer to the question sends us another way at once", () => {
  const choice = new TransportChoice();
  assert.equal(choice.answered(), false);
  choice.failed(true);
  choice.failed(true);
  assert.equal(choice.answered(), true);
  choice.failed(true);
  assert.equal(choice.answered(), false);
});

test("a WebSocket that gets through ends it", () => {
  const choice = new TransportChoice();
  for (const step of ["failed", "failed", "answered", "failed", "opened"]) choice[step](true);

  assert.equal(choice.isLimited, false);
  assert.equal(choice.usesHttp, false);
});

test("without an address for HTTP there is only one way", () => {
  assert.equal(taken("xxxx", false), "socket socket socket socket not limited");
});
