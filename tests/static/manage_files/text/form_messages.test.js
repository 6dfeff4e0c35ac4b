import assert from "node:assert/strict";
import test from "node:test";

import * as form from "../../../../static/manage_files/text/form_messages.js";

/** Without the marks that keep the direction of a name. */
const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

test("another value is offered with who typed it", () => {
  assert.equal(plain(form.otherValue(" Blue mug ", "")), "Other tab: Blue mug");
  assert.equal(plain(form.otherValue("Blue mug", "Sam")), "Sam: Blue mug");
  assert.equal(form.otherValue("  ", ""), "Other tab: empty");
  assert.equal(plain(form.otherValue("", "Sam")), "Sam: empty");
});

test("as much of a long value is shown as fits a line, and no half letter", () => {
  const mugs = "🏺".repeat(81);

  assert.equal(plain(form.otherValue(mugs, "")), `Other tab: ${"🏺".repeat(80)}…`);
  assert.equal(plain(form.otherValue("🏺".repeat(80), "")), `Other tab: ${"🏺".repeat(80)}`);
});

test("a change says who made it", () => {
  assert.equal(plain(form.fieldUpdated("Title", "")), "Title changed in another tab.");
  assert.equal(plain(form.fieldUpdated("Title", "Sam")), "Sam changed Title.");
  assert.match(plain(form.fieldContested("Title", "")), /^Title changed in another tab too\./);
  assert.match(plain(form.fieldContested("Title", "Sam")), /^Sam changed Title too\./);
});
