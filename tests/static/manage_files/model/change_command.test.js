import assert from "node:assert/strict";
import test from "node:test";

import { commandFor } from "../../../../static/manage_files/model/change_command.js";

test("a move names all that goes, and the place in the words of the wire", () => {
  assert.deepEqual(commandFor({ kind: "move", file: "a", list: "red", after: "b" }), {
    type: "reorder",
    files: ["a"],
    file_type: "variant_image",
    variant_temp_id: "red",
    after: "b",
  });
  assert.deepEqual(commandFor({ kind: "move", file: "a", files: ["a", "c"] }), {
    type: "reorder",
    files: ["a", "c"],
    file_type: "main_image",
    variant_temp_id: null,
    after: null,
  });
});

test("every other change names its file and what is new of it", () => {
  assert.deepEqual(commandFor({ kind: "describe", file: "a", altText: "A mug" }), {
    type: "describe",
    file: "a",
    alt_text: "A mug",
  });
  for (const kind of ["remove", "restore", "purge"])
    assert.deepEqual(commandFor({ kind, file: "a" }), { type: kind, file: "a" });
});
