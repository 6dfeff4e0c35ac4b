import assert from "node:assert/strict";
import test, { afterEach, mock } from "node:test";

import { UploadLocks } from "../../../../static/manage_files/recovery/upload_locks.js";

const settle = () => new Promise((resolve) => setTimeout(resolve, 1));

/** The browser's locks: one holder for each name, the next in line after it. */
function browserLocks() {
  const queues = new Map();
  const next = async (name) => {
    const [first] = queues.get(name);
    if (!first || first.isRunning) return;
    first.isRunning = true;
    await first.callback();
    queues.get(name).shift();
    next(name);
  };
  return {
    request: (name, { signal }, callback) =>
      new Promise((_, reject) => {
        const entry = { callback, isRunning: false };
        queues.set(name, [...(queues.get(name) ?? []), entry]);
        signal.addEventListener("abort", () => {
          if (entry.isRunning) return;
          queues.get(name).splice(queues.get(name).indexOf(entry), 1);
          reject(signal.reason);
        });
        next(name);
      }),
  };
}

function withLocks(locks) {
  Object.defineProperty(globalThis, "navigator", { value: { locks }, configurable: true });
}

afterEach(() => withLocks(undefined));

test("one tab has the lock of a file, the next gets it when that one is done", async () => {
  withLocks(browserLocks());
  const [one, other] = [new UploadLocks(), new UploadLocks()];
  assert.equal(await one.acquire("a"), true);
  let granted = null;
  other.acquire("a").then((value) => (granted = value));
  await settle();
  assert.equal(granted, null);
  one.release("a");
  await settle();

  assert.equal(granted, true);
});

test("who gives up waiting never gets it", async () => {
  withLocks(browserLocks());
  const [one, other] = [new UploadLocks(), new UploadLocks()];
  await one.acquire("a");
  const waiting = other.acquire("a");
  other.releaseAll();

  assert.equal(await waiting, false);
});

test("a file is asked for once, however often its lock is wanted", async () => {
  const locks = browserLocks();
  const request = mock.fn(locks.request);
  withLocks({ request });
  const one = new UploadLocks();
  await Promise.all([one.acquire("a"), one.acquire("a")]);

  assert.equal(request.mock.callCount(), 1);
});

test("a browser without locks lets every tab go on: then the server decides", async () => {
  withLocks(undefined);

  assert.equal(await new UploadLocks().acquire("a"), true);
});
