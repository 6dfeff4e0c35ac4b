// @ts-check
import assert from "node:assert/strict";
import test from "node:test";
import { cleanText, cleanTextAt, textBytes } from "../../../../../static/manage_files/model/form/clean_text.js";

test("control characters go, tabs and line ends stay", () => {
  assert.equal(cleanText("a\0b\x07c\x1bd\x7fe\u0085f"), "abcdef");
  assert.equal(cleanText("a\tb\nc\r\nd"), "a\tb\nc\r\nd");
});

test("half a character goes, a whole one stays", () => {
  assert.equal(cleanText("a\ud83db\ude00c\u{1f600}"), "abc\u{1f600}");
  assert.equal(cleanText("\ud83d\ud83d\ude00"), "\u{1f600}");
});

test("the cursor stays where it is in the text", () => {
  assert.deepEqual(cleanTextAt("a\0b|c\0", 3), { text: "ab|c", cursor: 2 });
});

test("bytes are counted as they travel", () => {
  assert.equal(textBytes(["a", "é", "\u{1f600}"]), 7);
});
