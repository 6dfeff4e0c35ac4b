import assert from "node:assert/strict";
import test from "node:test";

import * as adding from "../../../../static/manage_files/text/adding_messages.js";

/** Without the marks that keep the direction of a name. */
const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

test("a picture that is there already is named by its place from 1", () => {
  assert.equal(plain(adding.pictureAt(0, "a.jpg", null)), "1: a.jpg");
  assert.match(plain(adding.pictureAt(4, "a.jpg", "Red")), /^5: a\.jpg of .*Red/);
});

test("a smaller copy says what it saves", () => {
  const told = plain(adding.smallerCopy("a.jpg", 2_000_000, 24_000_000, 4000, 3000));

  assert.equal(told, "Smaller copy of “a.jpg”: 2 MB instead of 24 MB, 4,000 × 3,000.");
});

test("duplicates are counted", () => {
  assert.equal(adding.duplicatesTitle(1), "1 image is here already");
  assert.equal(adding.duplicatesTitle(2), "2 images are here already");
  assert.equal(adding.skipped(2), "2 images skipped.");
});
