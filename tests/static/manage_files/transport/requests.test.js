import assert from "node:assert/strict";
import test from "node:test";

import {
  DisconnectedError,
  DraftEndedError,
  RefusedError,
  Requests,
} from "../../../../static/manage_files/transport/requests.js";

/** Commands on a socket whose frames are collected. */
function connected() {
  const sent = [];
  const requests = new Requests((message) => sent.push(message) > 0);
  requests.resume();
  return { requests, sent };
}

const error = (op, code) => ({ type: "error", op, code, message: "No.", retryable: false, file: null });

test("an answer finds its command by its op", async () => {
  const { requests, sent } = connected();
  const [one, other] = [requests.request({ type: "discard" }), requests.request({ type: "discard" })];
  requests.receive({ type: "ok", op: sent[1].op, revision: 2 });
  requests.receive({ type: "ok", op: sent[0].op, revision: 1 });

  assert.equal((await one).revision, 1);
  assert.equal((await other).revision, 2);
});

test("a refusal carries code and sentence", async () => {
  const { requests, sent } = connected();
  const answer = requests.request({ type: "remove", file: "a" });
  requests.receive(error(sent[0].op, "stale"));

  await assert.rejects(
    answer,
    (reason) => reason instanceof RefusedError && reason.code === "stale" && reason.message === "No.",
  );
});

test("what was not answered is asked again on the next socket, in order and with its op", () => {
  const { requests, sent } = connected();
  requests.request({ type: "add", file: "a" });
  requests.request({ type: "add", file: "b" });
  requests.pause();
  requests.request({ type: "add", file: "c" });
  requests.resume();

  assert.deepEqual(
    sent.map(({ file }) => file),
    ["a", "b", "a", "b", "c"],
  );
  assert.equal(sent[0].op, sent[2].op);
});

test("an answered command is not asked again", () => {
  const { requests, sent } = connected();
  requests.request({ type: "discard" });
  requests.receive({ type: "ok", op: sent[0].op, revision: 1 });
  requests.pause();
  requests.resume();

  assert.equal(sent.length, 1);
});

test("a command asked twice has worked when the second one finds nothing to do", async () => {
  const { requests, sent } = connected();
  const answer = requests.request({ type: "remove", file: "a" });
  requests.pause();
  requests.resume();
  requests.receive(error(sent[0].op, "file_not_found"));

  assert.equal((await answer).type, "ok");
});

test("the same refusal of a command asked once is a refusal", async () => {
  const { requests, sent } = connected();
  const answer = requests.request({ type: "remove", file: "a" });
  requests.receive(error(sent[0].op, "file_not_found"));

  await assert.rejects(answer, RefusedError);
});

test("a question about this socket's transfer dies with it, unless it was never asked", async () => {
  const { requests, sent } = connected();
  const finish = requests.request({ type: "finish", file: "a" }, { once: true });
  requests.pause();
  requests.request({ type: "resume", file: "a" }, { once: true });
  requests.resume();

  await assert.rejects(finish, DisconnectedError);
  assert.deepEqual(
    sent.map(({ type }) => type),
    ["finish", "resume"],
  );
});

test("when there is no next socket nobody waits: neither who asked before nor who asks then", async () => {
  const { requests, sent } = connected();
  const open = requests.request({ type: "note" });
  requests.pause();
  const waiting = requests.request({ type: "variants" });
  requests.end();

  await assert.rejects(open, DraftEndedError);
  await assert.rejects(waiting, DraftEndedError);
  await assert.rejects(requests.request({ type: "remove", file: "a" }), DraftEndedError);
  requests.resume();
  assert.equal(sent.length, 1);
});

test("a refusal that ends the socket leaves the command to the next one, a few times", async () => {
  const { requests, sent } = connected();
  const answer = requests.request({ type: "edit", fields: {} });
  for (const code of ["signed_out", "lease_lost", "restarting", "signed_out"]) {
    requests.receive(error(sent[0].op, code));
    requests.pause();
    requests.resume();
  }
  assert.equal(sent.length, 5);
  assert.equal(new Set(sent.map(({ op }) => op)).size, 1);
  requests.receive(error(sent[0].op, "signed_out"));

  await assert.rejects(answer, (reason) => reason instanceof RefusedError && reason.code === "signed_out");
});

test("frames that answer nothing are left to others", () => {
  const { requests } = connected();

  assert.equal(requests.receive({ type: "snapshot" }), false);
  assert.equal(requests.receive(error(null, "bad_chunk")), false);
});

const unnamed = () => error(null, "bad_message");

test("a refusal without a name is that of the oldest command; after the second it is given up", async () => {
  const { requests, sent } = connected();
  const poison = requests.request({ type: "note", fields: {} });
  const fine = requests.request({ type: "discard" });
  assert.equal(requests.receive(unnamed()), true);
  requests.receive({ type: "ok", op: sent[1].op, revision: 2 });
  assert.equal((await fine).revision, 2);
  requests.receive(unnamed());

  await assert.rejects(poison, (reason) => reason instanceof RefusedError && reason.code === "bad_message");
  requests.pause();
  requests.resume();
  assert.deepEqual(
    sent.map(({ type }) => type),
    ["note", "discard", "note"],
  );
});

test("a refusal without a name takes nothing with it that was not sent on this socket", () => {
  const { requests, sent } = connected();
  assert.equal(requests.receive(unnamed()), false);
  requests.request({ type: "discard" });
  requests.pause();
  assert.equal(requests.receive(unnamed()), false);
  requests.resume();
  assert.equal(sent.length, 2);
});

test("a message that no server takes is never sent", async () => {
  const { requests, sent } = connected();
  const answer = requests.request({ type: "note", fields: { text: ["x".repeat(140_000)] } });

  await assert.rejects(answer, (reason) => reason instanceof RefusedError && reason.code === "text_too_large");
  assert.deepEqual(sent, []);
});

test("the op stands first: it is read even from a message that is cut off", () => {
  const { requests, sent } = connected();
  requests.request({ type: "edit", fields: {} });

  assert.match(JSON.stringify(sent[0]), /^\{"op":"/);
});
