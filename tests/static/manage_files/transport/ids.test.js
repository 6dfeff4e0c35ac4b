import assert from "node:assert/strict";
import test from "node:test";

import { newFileId, newOp, newVariantId } from "../../../../static/manage_files/transport/ids.js";

test("the id of a file is a UUID of version 4 in the one form that the server takes", () => {
  for (let n = 0; n < 100; n += 1) {
    assert.match(newFileId(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
});

test("commands and variant rows have ids of their own shapes", () => {
  assert.match(newOp(), /^[0-9a-f]{16}$/);
  assert.match(newVariantId(), /^v[0-9a-f]{12}$/);
});

test("no id comes twice", () => {
  assert.equal(new Set(Array.from({ length: 1000 }, newFileId)).size, 1000);
});
