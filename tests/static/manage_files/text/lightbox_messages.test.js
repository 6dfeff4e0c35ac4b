import assert from "node:assert/strict";
import test from "node:test";

import { pixels, placeOf, when } from "../../../../static/manage_files/text/lightbox_messages.js";

test("the day of a photo is the camera's, in every time zone", () => {
  assert.equal(when(Date.UTC(2026, 4, 17, 23, 59)), "May 17, 2026");
  assert.equal(when(Date.UTC(2026, 4, 17, 0, 0)), "May 17, 2026");
});

test("places and sizes are written as the page writes numbers", () => {
  assert.equal(placeOf(2, 1200), "2 of 1,200");
  assert.match(pixels("1,600", "900"), /1,600.* × .*900.* pixels/);
});
