import assert from "node:assert/strict";
import { test } from "node:test";

import * as messages from "../../../../static/manage_files/text/recovery_messages.js";

test("a few lost images are all named", () => {
  assert.equal(messages.lost(["a.jpg"]), "Deleted: “a.jpg”.");
  assert.equal(messages.lost(["a.jpg", "b.jpg"]), "Deleted: “a.jpg” and “b.jpg”.");
});

test("of many lost images the first are named and the rest counted", () => {
  const names = Array.from({ length: 200 }, (_, index) => `${index}.jpg`);

  assert.match(messages.lost(names), /“7.jpg”,? and 192 more\.$/);
});

test("what expired is told by name, apart from what is lost for good", () => {
  assert.equal(messages.expired(1), "1 image expired because the product wasn't saved in time.");
  assert.equal(messages.stillHeld(["a.jpg", "b.jpg"], []), "2 can be restored from this browser.");
  assert.equal(messages.stillHeld(["a.jpg"], ["b.jpg"]), "1 can be restored from this browser. Deleted: “b.jpg”.");
  assert.equal(messages.stillHeld([], ["b.jpg"]), "Deleted: “b.jpg”.");
});

test("what found no room is named in a sentence", () => {
  assert.equal(messages.noRoom(["a.jpg"]), "“a.jpg” uploads as usual. Until that is done, keep this page open.");
  assert.equal(
    messages.noRoom(["a.jpg", "b.jpg"]),
    "“a.jpg” and “b.jpg” upload as usual. Until that is done, keep this page open.",
  );
});
