import assert from "node:assert/strict";
import { test } from "node:test";

import * as messages from "../../../static/manage_files/text/messages.js";

const bare = (text) => text.replaceAll(/[\u2068\u2069]/g, "");

test("Arabic has six plural forms", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 11, 100].map((count) => bare(messages.allStored(count))),
    ["لم تُحفظ أي صورة", "حُفظت صورة واحدة", "حُفظت صورتان", "حُفظت 3 صور", "حُفظت 11 صورة", "حُفظت 100 صورة"],
  );
});

test("a name does not turn the sentence around it", () => {
  assert.equal(messages.remove("a (1).jpg"), "إزالة \u2068a (1).jpg\u2069");
});

test("sizes are written by Intl", () => {
  const size = new Intl.NumberFormat("ar", { style: "unit", unit: "megabyte", unitDisplay: "short" }).format(20);

  assert.match(bare(messages.accepted({ content_types: ["image/png"], max_file_bytes: 20_000_000 })), new RegExp(size));
});
