import assert from "node:assert/strict";
import test from "node:test";

import { gettext, interpolate, ngettext } from "../../../../static/manage_files/text/gettext.js";

test("without a catalog sentences are as they are written", () => {
  assert.equal(gettext("Close"), "Close");
  assert.deepEqual(
    [1, 2].map((count) => ngettext("one", "other", count)),
    ["one", "other"],
  );
});

test("values go to their named places, and text of the other direction keeps to itself", () => {
  assert.equal(interpolate("%(b)s, %(a)s", { a: "1", b: "two" }), "two, 1");
  assert.equal(interpolate("%(a)s!", { a: "שלום" }), "\u2068שלום\u2069!");
});
