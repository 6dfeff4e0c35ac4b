import assert from "node:assert/strict";
import { test } from "node:test";

import {
  formatDuration,
  formatSize,
  formatSizeOf,
  formatTimeLeft,
} from "../../../../static/manage_files/text/format.js";

test("sizes have the unit that people know from their files", () => {
  assert.deepEqual([1, 499_600, 2_600_000].map(formatSize), ["1 kB", "500 kB", "2.6 MB"]);
  assert.equal(formatSizeOf(1_300_000, 2_600_000), "1.3 of 2.6 MB");
});

test("times are as exact as anybody needs them", () => {
  assert.deepEqual([1, 89, 300, 3_600, 7_200].map(formatDuration), [
    "1 second",
    "89 seconds",
    "5 minutes",
    "60 minutes",
    "2 hours",
  ]);
  assert.deepEqual([0.2, 59, 61].map(formatTimeLeft), ["1 sec left", "59 sec left", "2 min left"]);
});
