import assert from "node:assert/strict";
import test from "node:test";

import * as announcements from "../../../../static/manage_files/text/announcements.js";

/** Without the marks that keep the direction of a name. */
const plain = (text) => text.replace(/[\u2066-\u2069]/g, "");
const says = (text, words) => assert.equal(plain(text), words);

test("what was added is said with how many there are", () => {
  says(announcements.added(1, 1), "1 image added, 1 in all.");
  says(announcements.added(2, 1200), "2 images added, 1,200 in all.");
});

test("up to three are named, more are counted", () => {
  says(announcements.uploaded(["a", "b", "c"]), "a, b, and c uploaded.");
  says(announcements.uploaded(["a", "b", "c", "d"]), "4 images uploaded.");
  says(announcements.removed(["a"]), "a removed.");
  says(announcements.removed(["a", "b", "c", "d"]), "4 images removed.");
});

test("a move says from where to where, and what the image became", () => {
  says(announcements.moved("a", 3, 1, 4, "primary"), "a moved from 3 to 1 of 4, now primary.");
  says(announcements.moved("a", 1, 2, 4, ""), "a moved from 1 to 2 of 4.");
});

test("a move to another list names the list", () => {
  says(announcements.movedTo("a", null, "primary"), "a moved to the product images, now primary.");
  assert.match(plain(announcements.movedTo("a", "Red", "cover")), /^a moved to .*Red.*, now cover\.$/);
  says(announcements.movedTogether(2, null, 3, 5), "2 images moved, now from 3 of 5.");
  assert.match(plain(announcements.movedTogether(2, "Red", 1, 2)), /^2 images moved to .*Red.*\.$/);
});

test("a variant without images is only removed", () => {
  assert.match(plain(announcements.rowRemoved("Red", 0)), /Red.* removed\.$/);
  assert.match(plain(announcements.rowRemoved("Red", 2)), /removed\. 2 images moved to the product images\.$/);
});

test("back online tells of uploads only when there are some", () => {
  says(announcements.backOnline(0), "Back online.");
  says(announcements.backOnline(1), "Back online. 1 upload resumed.");
});

test("one that was moved has its name, several have their count", () => {
  says(announcements.justMoved("a", 1), "a moved.");
  says(announcements.justMoved("", 3), "3 images moved.");
});
