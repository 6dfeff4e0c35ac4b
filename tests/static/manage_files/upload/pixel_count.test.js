import assert from "node:assert/strict";
import test from "node:test";

import { pixelCount } from "../../../../static/manage_files/upload/pixel_count.js";

/** A blob of texts (a byte a letter), numbers (a byte) and arrays of these. */
function blob(...parts) {
  const bytes = parts.flat(9).flatMap((part) => (typeof part === "string" ? [...Buffer.from(part, "latin1")] : [part]));
  return new Blob([Uint8Array.from(bytes)]);
}

const big = (number, bytes) => Array.from({ length: bytes }, (_, at) => (number / 256 ** (bytes - 1 - at)) & 255);
const little = (number, bytes) => big(number, bytes).reverse();
const zeros = (count) => new Array(count).fill(0);
const segment = (marker, content) => [0xff, marker, big(content.length + 2, 2), content];
const frame = (width, height) => segment(0xc2, [8, ...big(height, 2), ...big(width, 2), 3]);
const riff = (kind, content) => ["RIFF", little(0, 4), "WEBP", kind, little(content.length, 4), content, zeros(20)];
const ispe = (width, height) => [big(20, 4), "ispe", zeros(4), big(width, 4), big(height, 4)];
const avif = (...boxes) => blob(big(24, 4), "ftypavif", zeros(12), boxes);
const bits = (text) => [0, 8, 16, 24].map((at) => Number.parseInt(text.slice(at, at + 8), 2));
const binary = (number, length) => number.toString(2).padStart(length, "0");

test("the size of a JPEG is behind whatever stands before it", async () => {
  assert.equal(await pixelCount(blob(0xff, 0xd8, frame(640, 480))), 640 * 480);
  const tables = [segment(0xe0, zeros(14)), segment(0xc4, [0xff, 0xc0, 9, 9, 9, 9, 9]), segment(0xdb, zeros(65))];
  assert.equal(await pixelCount(blob(0xff, 0xd8, tables, 0xff, 0xff, 0xff, 0xd0, 7, frame(3, 5))), 15);
  const large = [1, 2, 3].map(() => segment(0xe2, zeros(60_000)));
  assert.equal(await pixelCount(blob(0xff, 0xd8, large, frame(20_000, 14_000))), 280_000_000);
});

test("the size of a PNG is in its first chunk", async () => {
  assert.equal(await pixelCount(blob("\x89PNG\r\n\x1a\n", big(13, 4), "IHDR", big(70_000, 4), big(50_000, 4))), 3.5e9);
});

test("the size of a WebP is in its first part, whichever it is", async () => {
  assert.equal(await pixelCount(blob(riff("VP8X", [zeros(4), little(16_383, 3), little(9, 3)]))), 163_840);
  const lossless = 639 + 479 * 2 ** 14;
  assert.equal(await pixelCount(blob(riff("VP8L", [0x2f, little(lossless, 4)]))), 640 * 480);
  assert.equal(
    await pixelCount(blob(riff("VP8 ", [zeros(6), little(640 + 0x4000, 2), little(480 + 0x8000, 2)]))),
    640 * 480,
  );
});

test("of the pictures of an AVIF or HEIC the largest counts", async () => {
  assert.equal(await pixelCount(avif(ispe(512, 512), ispe(4032, 3024), ispe(320, 240))), 4032 * 3024);
});

test("a minimized AVIF has its size in its first bits", async () => {
  const small = `0${binary(95, 7)}${binary(63, 7)}${"0".repeat(17)}`;
  const large = `1${binary(19_999, 15)}${binary(13_999, 15)}0`;
  assert.equal(await pixelCount(avif(big(30, 4), "mini", 0, 0, bits(small), zeros(9))), 96 * 64);
  assert.equal(await pixelCount(avif(big(30, 4), "mini", 0, 0, bits(large), zeros(9))), 280_000_000);
});

test("what does not tell may be as large as can be", async () => {
  const none = [blob(), blob("GIF89a", zeros(20)), blob(0xff, 0xd8), blob(0xff, 0xd8, zeros(70_000)), avif()];
  for (const file of [...none, blob("\x89PNG"), blob(riff("VP8X", []).slice(0, 5)), new Blob(["x".repeat(99)])])
    assert.equal(await pixelCount(file), Number.POSITIVE_INFINITY);
  const gone = { slice: () => ({ arrayBuffer: () => Promise.reject(new Error("gone")) }) };
  assert.equal(await pixelCount(gone), Number.POSITIVE_INFINITY);
});
