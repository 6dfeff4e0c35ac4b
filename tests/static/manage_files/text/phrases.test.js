import assert from "node:assert/strict";
import test from "node:test";

import { quotedNames, withCount, withFewNames, withNames } from "../../../../static/manage_files/text/phrases.js";

const names = (count) => Array.from({ length: count }, (_, index) => `${index}.jpg`);

test("a count is written as the page writes numbers", () => {
  assert.equal(withCount(1234, "%(count)s images"), "1,234 images");
});

test("names are listed as the language lists them", () => {
  assert.equal(withNames(["a.jpg", "b.jpg"], "%(names)s uploaded."), "a.jpg and b.jpg uploaded.");
});

test("as many names as fit are quoted, and the rest is counted", () => {
  assert.equal(quotedNames(["a.jpg"]), "“a.jpg”");
  assert.equal(quotedNames(names(3), 3), "“0.jpg”, “1.jpg”, and “2.jpg”");
  assert.equal(quotedNames(names(4), 2), "“0.jpg”, “1.jpg”, and 2 more");
  assert.match(quotedNames(names(9)), /“7.jpg”, and 1 more$/);
});

test("of refused files two are named", () => {
  assert.equal(withFewNames(names(5), "%(names)s are empty."), "“0.jpg”, “1.jpg”, and 3 more are empty.");
});
