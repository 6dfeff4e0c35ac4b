import assert from "node:assert/strict";
import test from "node:test";

import { contentType } from "../../../../static/manage_files/model/content_type.js";

test("a missing type is guessed from the name", () => {
  assert.equal(contentType({ name: "A.JPG", type: "" }), "image/jpeg");
  assert.equal(contentType({ name: "noextension", type: "" }), "");
});
