import assert from "node:assert/strict";
import test from "node:test";

import { textBatches } from "../../../../../static/manage_files/model/form/text_batches.js";

const change = (length) => ({ values: ["x".repeat(length)], base: 1 });
const names = (sizes) =>
  textBatches(new Map(Object.entries(sizes).map(([name, size]) => [name, change(size)]))).map(Object.keys);

test("small fields go in one message", () => {
  assert.deepEqual(names({ title: 10, sku: 0, price: 16_374 }), [["title", "sku", "price"]]);
});

test("what does not fit begins another message", () => {
  assert.deepEqual(names({ title: 11, price: 16_374, sku: 5 }), [["title"], ["price", "sku"]]);
});

test("a large field goes alone", () => {
  assert.deepEqual(names({ title: 1, description: 60_000, sku: 1 }), [["title"], ["description"], ["sku"]]);
});

test("nothing is no message", () => {
  assert.deepEqual(names({}), []);
});
