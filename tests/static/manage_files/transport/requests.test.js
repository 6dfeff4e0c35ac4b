import assert from "node:assert/strict";
import test from "node:test";

import { Commands, Disconnected, Over, Refused } from "../../../../static/manage_files/transport/requests.js";

/** Commands on a socket whose frames are collected. */
function connected() {
  const sent = [];
  const commands = new Commands((message) => sent.push(message) > 0);
  commands.resume();
  return { commands, sent };
}

const error = (op, code) => ({ type: "error", op, code, message: "No.", retryable: false, file: null });

test("an answer finds its command by its op", async () => {
  const { commands, sent } = connected();
  const [one, other] = [commands.request({ type: "discard" }), commands.request({ type: "discard" })];
  commands.receive({ type: "ok", op: sent[1].op, revision: 2 });
  commands.receive({ type: "ok", op: sent[0].op, revision: 1 });

  assert.equal((await one).revision, 1);
  assert.equal((await other).revision, 2);
});

test("a refusal carries code and sentence", async () => {
  const { commands, sent } = connected();
  const answer = commands.request({ type: "remove", file: "a" });
  commands.receive(error(sent[0].op, "stale"));

  await assert.rejects(
    answer,
    (reason) => reason instanceof Refused && reason.code === "stale" && reason.message === "No.",
  );
});

test("what was not answered is asked again on the next socket, in order and with its op", () => {
  const { commands, sent } = connected();
  commands.request({ type: "add", file: "a" });
  commands.request({ type: "add", file: "b" });
  commands.pause();
  commands.request({ type: "add", file: "c" });
  commands.resume();

  assert.deepEqual(
    sent.map(({ file }) => file),
    ["a", "b", "a", "b", "c"],
  );
  assert.equal(sent[0].op, sent[2].op);
});

test("an answered command is not asked again", () => {
  const { commands, sent } = connected();
  commands.request({ type: "discard" });
  commands.receive({ type: "ok", op: sent[0].op, revision: 1 });
  commands.pause();
  commands.resume();

  assert.equal(sent.length, 1);
});

test("a command asked twice has worked when the second one finds nothing to do", async () => {
  const { commands, sent } = connected();
  const answer = commands.request({ type: "remove", file: "a" });
  commands.pause();
  commands.resume();
  commands.receive(error(sent[0].op, "file_not_found"));

  assert.equal((await answer).type, "ok");
});

test("the same refusal of a command asked once is a refusal", async () => {
  const { commands, sent } = connected();
  const answer = commands.request({ type: "remove", file: "a" });
  commands.receive(error(sent[0].op, "file_not_found"));

  await assert.rejects(answer, Refused);
});

test("a question about this socket's transfer dies with it, unless it was never asked", async () => {
  const { commands, sent } = connected();
  const finish = commands.request({ type: "finish", file: "a" }, { once: true });
  commands.pause();
  commands.request({ type: "resume", file: "a" }, { once: true });
  commands.resume();

  await assert.rejects(finish, Disconnected);
  assert.deepEqual(
    sent.map(({ type }) => type),
    ["finish", "resume"],
  );
});

test("when there is no next socket nobody waits: neither who asked before nor who asks then", async () => {
  const { commands, sent } = connected();
  const open = commands.request({ type: "note" });
  commands.pause();
  const waiting = commands.request({ type: "variants" });
  commands.end();

  await assert.rejects(open, Over);
  await assert.rejects(waiting, Over);
  await assert.rejects(commands.request({ type: "remove", file: "a" }), Over);
  commands.resume();
  assert.equal(sent.length, 1);
});

test("frames that answer nothing are left to others", () => {
  const { commands } = connected();

  assert.equal(commands.receive({ type: "snapshot" }), false);
  assert.equal(commands.receive(error(null, "bad_chunk")), false);
});
