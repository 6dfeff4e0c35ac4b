import assert from "node:assert/strict";
import test from "node:test";

import { renameNameless } from "../../../../static/manage_files/add/paste.js";

test("what only the clipboard named gets a name of ours, its type and its end kept", () => {
  const [shot, mug] = renameNameless(
    [new File(["x"], "image.png", { type: "image/png" }), new File(["y"], "mug.jpg")],
    (end) => `Pasted.${end}`,
  );

  assert.deepEqual([shot.name, shot.type, mug.name], ["Pasted.png", "image/png", "mug.jpg"]);
});
