import assert from "node:assert/strict";
import test from "node:test";

import { MAIN, wireList } from "../../../../static/manage_files/model/list_id.js";

test("the product images belong to no variant, every other list to the one it is named after", () => {
  assert.deepEqual(wireList(MAIN), { file_type: "main_image", variant_temp_id: null });
  assert.deepEqual(wireList("red"), { file_type: "variant_image", variant_temp_id: "red" });
});
