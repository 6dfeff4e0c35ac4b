import assert from "node:assert/strict";
import test from "node:test";

import { DraftEndedError, RefusedError, Requests } from "../../../../static/manage_files/transport/requests.js";
import { UploadList } from "../../../../static/manage_files/upload/upload_list.js";

const limits = { parallel_files: 2, window_chunks: 2, chunk_bytes: 10, max_file_bytes: 5, max_files: 1 };
const mug = new File([new Uint8Array(20)], "mug.jpg", { type: "image/jpeg" });

/** A list of uploads, the events it applied to the draft, the problems it told and the commands it sent. */
function started() {
  const events = [];
  const problems = [];
  const commands = [];
  const requests = new Requests((message) => commands.push(message) > 0);
  const uploads = new UploadList({
    requests,
    send: () => true,
    order: () => ["f"],
    apply: (event) => events.push(event),
    onProblem: (problem) => problems.push(problem),
    onRetry: () => {},
  });
  uploads.resume(limits);
  requests.resume();
  uploads.announce({ id: "f", file: mug, list: "main", after: "g" });
  const fail = (code, { retryable = false } = {}) => {
    events.length = 0;
    uploads.uploadFailed("f", new RefusedError({ code, message: "No.", retryable }));
    return events.map(({ type }) => type);
  };
  /** The server refuses what it was asked last. */
  const refuse = async (code) => {
    requests.receive({ type: "error", op: commands.at(-1).op, code, message: "No.", retryable: true });
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { uploads, events, problems, commands, fail, refuse };
}

test("a file is shown before the server has heard of it, and announced under the same op", () => {
  const { events, commands, uploads } = started();

  assert.deepEqual(
    events.map(({ type }) => type),
    ["changed", "held"],
  );
  assert.equal(events[0].change.op, commands[0].op);
  assert.deepEqual([commands[0].type, commands[0].file, commands[0].after], ["add", "f", "g"]);
  assert.equal(uploads.fileOf("f"), mug);
});

test("a file that never got into the draft is forgotten and told with its reason", () => {
  const { fail, problems } = started();

  assert.deepEqual(fail("too_large"), ["held", "forgotten"]);
  assert.equal(problems.length, 1);
  assert.deepEqual([problems[0].name, problems[0].kind, problems[0].list], ["mug.jpg", "too_large", "main"]);
});

test("a file that another tab took over is forgotten without a word", () => {
  const { fail, problems } = started();

  assert.deepEqual(fail("superseded"), ["held", "forgotten"]);
  assert.deepEqual(problems, []);
});

test("of what may be tried again the attempts are counted", () => {
  const { fail, events, uploads } = started();

  assert.deepEqual(fail("storage_full", { retryable: true }), ["held", "failed"]);
  assert.equal(events.at(-1).error.attempt, 1);
  fail("storage_full", { retryable: true });
  assert.equal(events.at(-1).error.attempt, 2);
  uploads.cancel("f", Promise.resolve());
});

test("when the file to follow is gone, it is added at the end the next time", async () => {
  const { refuse, commands, uploads } = started();
  await refuse("unknown_position");
  uploads.retry("f", undefined);

  assert.deepEqual(
    commands.map((command) => [command.type, "after" in command]),
    [
      ["add", true],
      ["add", false],
    ],
  );
  uploads.cancel("f", Promise.resolve());
});

test("a file that the disk does not give any more is not tried again", () => {
  const { uploads, events } = started();
  events.length = 0;
  uploads.uploadFailed("f", new Error("gone"));

  assert.deepEqual([events.at(-1).error.code, events.at(-1).error.retryable], ["unreadable", false]);
});

test("the end of the draft is no fault of the file", () => {
  const { uploads, events } = started();
  events.length = 0;
  uploads.uploadFailed("f", new DraftEndedError());

  assert.deepEqual(events, []);
});
