import assert from "node:assert/strict";
import test from "node:test";

import { variantOf } from "../../../../static/manage_files/model/variant_matching.js";

const variants = (...labels) => labels.map((label) => ({ id: label, label }));
const colours = variants("Red", "Dark Red", "Blue", "Crème", "");

test("a label counts as whole words, whatever parts them", () => {
  for (const name of ["red-front.jpg", "red_side.jpg", "mug RED 2.jpg", "red2.jpg", "red.jpg"]) {
    assert.equal(variantOf(name, colours), "Red", name);
  }
  for (const name of ["redwood.jpg", "covered.jpg", "front.jpg", ".jpg"])
    assert.equal(variantOf(name, colours), null, name);
});

test("case and accents do not matter", () => {
  assert.equal(variantOf("mug-creme.jpg", colours), "Crème");
  assert.equal(variantOf("MUG-CRE\u0300ME.jpg", colours), "Crème");
});

test("the longest label wins", () => {
  assert.equal(variantOf("mug-dark-red.jpg", colours), "Dark Red");
  assert.equal(variantOf("red-dark.jpg", colours), "Red");
});

test("what could be two variants is neither", () => {
  assert.equal(variantOf("red-and-blue.jpg", colours), null);
  assert.equal(variantOf("dark-red-or-red.jpg", colours), null);
  assert.equal(
    variantOf("red.jpg", [
      { id: "1", label: "Red" },
      { id: "2", label: "red" },
    ]),
    null,
  );
});

test("an extension is no word", () => {
  assert.equal(variantOf("front.red", colours), null);
});
