import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { sha256 } from "../../../../static/manage_files/upload/sha256.js";
import { UnreadableFileError } from "../../../../static/manage_files/upload/transfer.js";

/** Takes away what browsers have only in secure contexts. */
function makeInsecure(t) {
  const crypto = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  Object.defineProperty(globalThis, "crypto", { value: {}, configurable: true });
  t.after(() => Object.defineProperty(globalThis, "crypto", crypto));
}

const bytes = (size) => Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 7) * 17) % 256);

test("a hash is that of the whole file", async () => {
  assert.equal(await sha256(new Blob(["abc"])), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("outside a secure context it is the same, whatever the size", async (t) => {
  makeInsecure(t);
  for (const size of [0, 1, 3, 55, 56, 57, 63, 64, 65, 119, 120, 128, 1000, (1 << 19) - 1, 1 << 19, (1 << 20) + 70]) {
    const content = bytes(size);
    assert.equal(await sha256(new Blob([content])), createHash("sha256").update(content).digest("hex"), `${size}`);
  }
});

test("a large file is read part by part", async (t) => {
  makeInsecure(t);
  const blob = new Blob([bytes(3_000_000)]);
  const parts = [];
  const slice = blob.slice.bind(blob);
  blob.slice = (start, end) => {
    const part = slice(start, end);
    parts.push(part.size);
    return part;
  };
  blob.arrayBuffer = () => assert.fail("read whole");
  await sha256(blob);

  assert.ok(Math.max(...parts) <= 1_000_000);
});

test("a file that cannot be read has none", async (t) => {
  const gone = { size: 9, arrayBuffer: () => Promise.reject(new Error("gone")), slice: () => gone };
  await assert.rejects(sha256(gone), UnreadableFileError);
  makeInsecure(t);
  await assert.rejects(sha256(gone), UnreadableFileError);
});
