import assert from "node:assert/strict";
import test from "node:test";

import * as errors from "../../../../static/manage_files/text/error_messages.js";

const limits = { max_file_bytes: 20_000_000, max_files: 1, max_draft_bytes: 1_000_000_000 };
const mug = { name: "mug.jpg", size: 20_000_001 };

/** Without the marks that keep the direction of a name. */
const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");

test("a file just over the limit is never said to have the limit's size", () => {
  assert.equal(plain(errors.tooLarge("mug.jpg", 20_000_001, 20_000_000)), "“mug.jpg” is 20.1 MB. The limit is 20 MB.");
});

test("what the server refused of a file is said with this page's numbers", () => {
  const refused = (code) => plain(errors.refused({ code, message: "The server's." }, mug, limits));

  assert.equal(refused("too_large"), "“mug.jpg” is 20.1 MB. The limit is 20 MB.");
  assert.equal(refused("too_many_files"), "“mug.jpg” was not added. The limit is 1 image.");
  assert.match(refused("draft_full"), /All images together may have 1,000 MB\./);
  assert.equal(refused("image_truncated"), "The server's.");
});

test("without the limits the server's own sentence stands", () => {
  assert.equal(errors.refused({ code: "too_large", message: "Too large." }, mug, null), "Too large.");
  assert.equal(errors.refused({ code: "too_large", message: "Too large." }), "Too large.");
});

test("a message that the server does not understand leads to a reload", () => {
  const told = errors.refused({ code: "bad_message", message: "Object missing required field `op`" });

  assert.equal(told, "The server did not understand this message. Reload the page.");
});

test("a problem names its file once", () => {
  assert.equal(plain(errors.problem("a.jpg", "It is empty.")), "“a.jpg”: It is empty.");
  assert.equal(errors.problem("a.jpg", "“a.jpg” is empty."), "“a.jpg” is empty.");
});

test("the title counts files and changes apart", () => {
  assert.equal(errors.problemsTitle(1, 0), "1 file was not added");
  assert.equal(errors.problemsTitle(0, 2), "2 changes were not made");
  assert.match(errors.problemsTitle(2, 1), /^2 files were not added.+1 change was not made$/);
});
