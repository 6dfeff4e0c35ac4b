// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { inPlaceOf, original, SMALL_PX, smallPicture } from "../../../../static/manage_files/view/small_pictures.js";

const URL_ = "/uploads/file/1/";

test("every size has one address, whatever size the server named", () => {
  for (const url of [URL_, `${URL_}?small`, `${URL_}?w=320`]) {
    assert.equal(original(url), URL_);
    assert.equal(smallPicture(url, SMALL_PX), `${URL_}?w=320`);
    assert.equal(smallPicture(url), `${URL_}?w=1280`);
  }
});

test("what the server does not have has no address", () => {
  assert.equal(smallPicture(""), "");
  assert.equal(original(""), "");
  assert.equal(inPlaceOf("", { width: 1, height: 1 }), null);
});

test("the large picture takes the room of the image", () => {
  /** @type {Array<[number, number, number]>} width and height of the image, and width of its large picture */
  const cases = [
    [4032, 3024, 1280],
    [3024, 4032, 1280],
    [700, 500, 700],
    [400, 12_000, 171],
    [1, 30_000, 1],
  ];
  for (const [width, height, shown] of cases) {
    const set = { srcset: `${URL_}?w=1280 ${shown}w`, sizes: `${width}px` };
    assert.deepEqual(inPlaceOf(`${URL_}?small`, { width, height }), set);
  }
  assert.equal(inPlaceOf(URL_, { width: null, height: null }), null);
  assert.equal(inPlaceOf(URL_), null);
});
