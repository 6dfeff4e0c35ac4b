import assert from "node:assert/strict";
import { test } from "node:test";

import { displayName } from "../../../../static/manage_files/model/display_name.js";

test("names are shown as the server will call them", () => {
  for (const [name, shown] of [
    ["mug.jpg", "mug.jpg"],
    ["cafe\u0301.jpg", "café.jpg"],
    ["photo\u202egpj.exe.jpg", "photogpj.exe.jpg"],
    ["a\u200bb\u0000.jpg", "ab.jpg"],
    ["/etc/passwd", "passwd"],
    ["C:\\photos\\mug.jpg", "mug.jpg"],
    [" .mug.jpg. ", "mug.jpg"],
    ["\u202e", "image"],
    ["\u3164\u2800", "image"],
    ["Ka\u200d\u0308se.jpg", "Käse.jpg"],
    ["x".repeat(119) + " y", "x".repeat(119)],
    ["", "image"],
    ["🏺.jpg", "🏺.jpg"],
    ["🫎.jpg", "🫎.jpg"],
    ["\u{1fadf}.jpg", "\u{1fadf}.jpg"],
    ["👨‍👩‍👧‍👦.jpg", "👨‍👩‍👧‍👦.jpg"],
    ["🏳️‍🌈 ❤️‍🔥 👩🏽‍💻.jpg", "🏳️‍🌈 ❤️‍🔥 👩🏽‍💻.jpg"],
    [
      "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}.jpg",
      "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}.jpg",
    ],
    ["می\u200cخواهم.jpg", "می\u200cخواهم.jpg"],
    ["۱۴۰۳ه\u200d.jpg", "۱۴۰۳ه\u200d.jpg"],
    ["क्\u200dष.jpg", "क्\u200dष.jpg"],
    ["র\u200d্যাম.jpg", "র\u200d্যাম.jpg"],
    ["శ్రీ\u200c.jpg", "శ్రీ.jpg"],
    ["\u0601\u0662.jpg", "\u0601\u0662.jpg"],
    ["a\u200d\u200cb.jpg", "ab.jpg"],
    ["🏺\u200d.jpg", "🏺.jpg"],
    ["\u200d🏺.jpg", "🏺.jpg"],
    ["mug\u{e0067}\u{e007f}.jpg", "mug.jpg"],
    ["mug\ufdd0\uffff\u{1ffff}.jpg", "mug.jpg"],
    ["می\u200c.jpg", "می.jpg"],
  ])
    assert.equal(displayName(name), shown);
});

test("a long name loses its middle, never its extension", () => {
  assert.equal(displayName("a".repeat(300) + ".jpeg"), "a".repeat(115) + ".jpeg");
  assert.equal(displayName("🏺".repeat(300) + ".jpg"), "🏺".repeat(116) + ".jpg");
  assert.equal(displayName("a".repeat(300)), "a".repeat(120));
  assert.equal(displayName("a." + "b".repeat(300)), "a." + "b".repeat(118));
});
