import assert from "node:assert/strict";
import test from "node:test";

import { currentCard, imageDetails, swipeStep } from "../../../../static/manage_files/model/image_details.js";

const UNSEEN = { size: 0, type: "", width: 0, height: 0 };
const values = (...told) => Object.fromEntries(imageDetails(...told).map(({ label, value }) => [label, value]));

test("the server's facts win, those of this browser stand in, and nothing is made up", () => {
  const file = {
    size: 2_900_000,
    content_type: "image/jpeg",
    width: 4000,
    height: 3000,
    taken_at: Date.UTC(2026, 2, 1),
  };
  assert.deepEqual(values(file, { ...UNSEEN, width: 3000, height: 4000 }), {
    Dimensions: "4,000 × 3,000 pixels",
    Size: "2.9 MB",
    Type: "JPEG",
    Taken: "March 1, 2026",
  });
  assert.deepEqual(
    values({ ...file, width: null, height: null, taken_at: null }, { ...UNSEEN, width: 30, height: 40 }),
    {
      Dimensions: "30 × 40 pixels",
      Size: "2.9 MB",
      Type: "JPEG",
    },
  );
  assert.deepEqual(values(undefined, { ...UNSEEN, size: 5_000, type: "image/webp" }), { Size: "5 kB", Type: "WebP" });
});

test("the image that took the place of one that is gone is looked at next", () => {
  const cards = ["a", "b", "c"].map((id) => ({ id }));
  assert.equal(currentCard(cards, "b", 0)?.id, "b");
  assert.equal(currentCard(cards, "gone", 1)?.id, "b");
  assert.equal(currentCard(cards, "gone", 3)?.id, "c");
  assert.equal(currentCard([], "gone", 0), null);
});

test("a swipe goes the way of the finger; in a mirrored page the other way round", () => {
  assert.equal(swipeStep(-80, 10, false), 1);
  assert.equal(swipeStep(80, 10, false), -1);
  assert.equal(swipeStep(-80, 10, true), -1);
  assert.equal(swipeStep(80, 10, true), 1);
});

test("a tap and a scroll are no swipe", () => {
  assert.equal(swipeStep(20, 0, false), 0);
  assert.equal(swipeStep(60, 50, false), 0);
});
