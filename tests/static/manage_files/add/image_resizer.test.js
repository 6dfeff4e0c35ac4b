import assert from "node:assert/strict";
import test from "node:test";

import { candidateScales, outputTypes, renameForType } from "../../../../static/manage_files/add/image_resizer.js";

test("the first try is as large as is allowed", () => {
  assert.equal(candidateScales({ width: 4000, height: 3000 }, 100_000_000)[0], 1);
  assert.equal(candidateScales({ width: 12_000, height: 4000 }, 1_000_000_000)[0], 0.5);
  const [scale] = candidateScales({ width: 4000, height: 3000 }, 3_000_000);
  assert.ok(4000 * scale * 3000 * scale <= 3_000_000);
});

test("a canvas is never larger than a phone draws", () => {
  const [scale] = candidateScales({ width: 9504, height: 6336 }, 100_000_000);

  assert.ok(9504 * scale * 6336 * scale <= 16_777_216);
  assert.ok(9504 * scale > 5000);
});

test("it ends before there is nothing left to see", () => {
  const all = candidateScales({ width: 4000, height: 3000 }, 100_000_000);

  assert.ok(all.length > 3 && all.length < 20);
  assert.ok(all.every((scale) => 4000 * scale >= 200));
});

test("what may be transparent stays so, and the rest becomes a JPEG", () => {
  const all = ["image/jpeg", "image/png", "image/webp"];

  assert.deepEqual(outputTypes({ type: "image/png" }, all), ["image/webp"]);
  assert.deepEqual(outputTypes({ type: "image/jpeg" }, all), ["image/jpeg"]);
  assert.deepEqual(outputTypes({ type: "image/png" }, ["image/jpeg", "image/png"]), ["image/jpeg"]);
});

test("the name tells what it is", () => {
  assert.equal(renameForType("mug.JPEG", "image/jpeg"), "mug.JPEG");
  assert.equal(renameForType("mug.v2.png", "image/webp"), "mug.v2.webp");
  assert.equal(renameForType("mug", "image/jpeg"), "mug.jpg");
});
