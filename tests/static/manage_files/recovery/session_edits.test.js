import assert from "node:assert/strict";
import test, { beforeEach, mock } from "node:test";

import { clearEdits, saveEdits, takeEdits } from "../../../../static/manage_files/recovery/session_edits.js";

const edits = { text: null, fields: { title: ["Mug"] }, rows: null, changes: [] };

beforeEach(() => {
  const kept = new Map();
  globalThis.sessionStorage = {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
});

test("edits are taken once, by their own draft", () => {
  saveEdits("d", edits);

  assert.equal(takeEdits("another"), null);
  assert.deepEqual(takeEdits("d"), edits);
  assert.equal(takeEdits("d"), null);
});

test("edits that are cleared are gone", () => {
  saveEdits("d", edits);
  clearEdits("d");

  assert.equal(takeEdits("d"), null);
});

test("after ten minutes they could undo what others wrote since", () => {
  mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
  saveEdits("d", edits);
  mock.timers.setTime(1_000_000 + 599_999);
  assert.deepEqual(takeEdits("d"), edits);
  saveEdits("d", edits);
  mock.timers.setTime(1_000_000 + 599_999 + 600_000);

  assert.equal(takeEdits("d"), null);
  mock.timers.reset();
});

test("a browser that forbids the storage loses nothing but the copy", () => {
  delete globalThis.sessionStorage;
  saveEdits("d", edits);

  assert.equal(takeEdits("d"), null);
});
