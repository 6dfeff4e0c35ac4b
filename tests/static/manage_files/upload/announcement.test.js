import assert from "node:assert/strict";
import test from "node:test";

import { addCommand, provisionalInfo, resumeCommand } from "../../../../static/manage_files/upload/announcement.js";

const file = new File([new Uint8Array(7)], "mug.jpg", { type: "image/jpeg" });
const chosen = { id: "f", file, list: "main" };

test("where a file goes is said only when it has a place of its own", () => {
  assert.equal("after" in addCommand(chosen), false);
  assert.equal(addCommand({ ...chosen, after: null }).after, null);
  assert.equal(addCommand({ ...chosen, after: "g" }).after, "g");
});

test("name, size and type are those that the server will show", () => {
  const { type, file: id, name, size, content_type } = addCommand(chosen);

  assert.deepEqual([type, id, name, size, content_type], ["add", "f", "mug.jpg", 7, "image/jpeg"]);
});

test("a resume names the file and its size alone", () => {
  assert.deepEqual(resumeCommand({ id: "f", file }), { type: "resume", file: "f", size: 7 });
});

test("until the server knows the file its card is the last, and is being sent", () => {
  const info = provisionalInfo(chosen);

  assert.equal(info.sequence, Infinity);
  assert.deepEqual([info.state, info.sending, info.attached, info.error], ["receiving", true, false, null]);
});
