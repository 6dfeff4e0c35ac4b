import assert from "node:assert/strict";
import { test } from "node:test";

import * as words from "../../../static/manage_files/words.js";

test("a few lost images are all named", () => {
  assert.equal(words.lost(["a.jpg"]), "Lost: “a.jpg”.");
  assert.equal(words.lost(["a.jpg", "b.jpg"]), "Lost: “a.jpg” and “b.jpg”.");
});

test("of many lost images the first are named and the rest counted", () => {
  const names = Array.from({ length: 200 }, (_, index) => `${index}.jpg`);

  assert.match(words.lost(names), /“7.jpg”,? and 192 more\.$/);
});
