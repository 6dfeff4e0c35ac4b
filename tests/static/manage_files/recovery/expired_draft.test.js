import assert from "node:assert/strict";
import test from "node:test";

import { recoverableFiles, subtractNames } from "../../../../static/manage_files/recovery/expired_draft.js";

const file = (name) => new File([], name);
const kept = new Map([
  ["a", { id: "a", content: file("a.jpg"), list: "" }],
  ["b", { id: "b", content: file("b.jpg"), list: "" }],
  ["r", { id: "r", content: file("red.jpg"), list: "" }],
]);
const outline = [
  { id: "", label: "", files: ["b", "x", "a"] },
  { id: "v1", label: "Red", files: ["r"] },
  { id: "v2", label: "Blue", files: ["y"] },
];

test("an offer has the files in the order and lists they were in, with the rows they need", () => {
  const { files, rows } = recoverableFiles(outline, kept, []);

  assert.deepEqual(
    files.map(({ file: { name }, list }) => [name, list]),
    [
      ["b.jpg", ""],
      ["a.jpg", ""],
      ["red.jpg", "v1"],
    ],
  );
  assert.deepEqual(rows, [{ temp_id: "v1", label: "Red" }]);
});

test("what is held and what is lost is told apart by name, one for one", () => {
  const { held, gone } = recoverableFiles(outline, kept, ["b.jpg", "x.jpg", "a.jpg", "a.jpg", "red.jpg", "y.jpg"]);

  assert.deepEqual(held, ["b.jpg", "a.jpg", "red.jpg"]);
  assert.deepEqual(gone, ["x.jpg", "a.jpg", "y.jpg"]);
});

test("what the user removed is not offered, and nothing held is no offer", () => {
  assert.deepEqual(recoverableFiles([{ id: "", label: "", files: ["a"] }], kept, []).held, ["a.jpg"]);
  assert.equal(recoverableFiles([], kept, ["a.jpg"]), null);
  assert.equal(recoverableFiles(outline, new Map(), ["a.jpg"]), null);
});

test("names are taken out as often as they are there", () => {
  assert.deepEqual(subtractNames(["a", "b", "a"], ["a"]), ["b", "a"]);
});
