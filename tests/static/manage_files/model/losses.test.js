import assert from "node:assert/strict";
import test from "node:test";

import { applyEvent, EMPTY_DRAFT } from "../../../../static/manage_files/model/draft.js";
import { isNewProduct, isNothing, lossesOf } from "../../../../static/manage_files/model/losses.js";

const NOTHING_TYPED = { text: false, variants: false };

function draftWith({ files = [], changes, target = "product:" } = {}, ...events) {
  const all = files.map((more, sequence) => ({ file: `f${sequence}`, sequence, attached: false, ...more }));
  const draft = { target, changes };
  const snapshot = { type: "snapshot", revision: 1, files: all, variants: [], draft, limits: {}, sockets: 1 };
  return [snapshot, ...events].reduce(applyEvent, EMPTY_DRAFT);
}

const lost = (draft, typed = NOTHING_TYPED) => lossesOf(draft, typed);

test("an untouched draft loses nothing, whatever the server is", () => {
  assert.ok(isNothing(lost(draftWith())));
  assert.ok(isNothing(lost(draftWith({ changes: [] }))));
  assert.ok(isNothing(lost(EMPTY_DRAFT)));
  assert.ok(isNothing(lost(draftWith({ files: [{ state: "attached", attached: true }] }))));
});

test("images added here count wherever they are, those of the edited product do not", () => {
  const files = [
    { state: "stored" },
    { state: "receiving" },
    { state: "removed" },
    { state: "attached", attached: true },
    { state: "removed", attached: true },
  ];
  const losses = lost(draftWith({ files, target: "product:7" }));
  assert.deepEqual([losses.images, losses.removals], [3, true]);
});

test("each thing somebody did is a loss of its own", () => {
  assert.ok(lost(draftWith({ changes: ["order"] })).order);
  assert.ok(lost(draftWith({ changes: ["alt_texts"] })).altTexts);
  for (const change of ["text", "variants"]) assert.ok(lost(draftWith({ changes: [change] })).typed);
  for (const typed of ["text", "variants"]) assert.ok(lost(draftWith(), { ...NOTHING_TYPED, [typed]: true }).typed);
  for (const change of ["order", "alt_texts", "text", "variants"])
    assert.ok(!isNothing(lost(draftWith({ changes: [change] }))), change);
});

test("what the server does not know yet counts too", () => {
  const file = { state: "attached", attached: true };
  const change = (kind) => ({ type: "changed", change: { op: kind, kind, file: "f0", files: ["f0"], list: "" } });
  assert.ok(lost(draftWith({ files: [file] }, change("move"))).order);
  assert.ok(lost(draftWith({ files: [file] }, change("describe"))).altTexts);
  assert.ok(lost(draftWith({ files: [file] }, change("remove"))).removals);
});

test("a new product has no target yet", () => {
  assert.ok(isNewProduct(draftWith(), ""));
  assert.ok(!isNewProduct(draftWith({ target: "product:7" }), ""));
  assert.ok(isNewProduct(EMPTY_DRAFT, ""));
  assert.ok(!isNewProduct(EMPTY_DRAFT, "Mug"));
});
