import assert from "node:assert/strict";
import test from "node:test";

import * as discard from "../../../../static/manage_files/text/discard_messages.js";

const nothing = { images: 0, order: false, altTexts: false, removals: false };

test("only what goes is listed, in one order", () => {
  assert.deepEqual(discard.losses(nothing), []);
  assert.deepEqual(discard.losses({ ...nothing, images: 1 }), ["1 image"]);
  assert.deepEqual(discard.losses({ images: 2, order: true, altTexts: true, removals: true }), [
    "2 images",
    "the order of the images",
    "alt texts",
    "which images you removed",
  ]);
});

test("the question names a product that has a title", () => {
  assert.equal(discard.discardQuestion(""), "Discard this product?");
  assert.match(discard.discardQuestion("Mug"), /Mug/);
  assert.equal(discard.discardChangesQuestion(""), "Discard your changes to this product?");
  assert.match(discard.discardChangesQuestion("Mug"), /Mug/);
});

test("what was typed is kept for days, or goes too", () => {
  assert.match(discard.typedKept(1), /for 1 day\.$/);
  assert.match(discard.typedKept(7), /for 7 days\.$/);
  assert.equal(discard.typedKept(0), "What you typed will be deleted too.");
});
