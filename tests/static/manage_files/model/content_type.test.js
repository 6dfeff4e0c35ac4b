import assert from "node:assert/strict";
import test from "node:test";

import { contentType } from "../../../../static/manage_files/model/content_type.js";

/** The same rows as in `tests/uploads/core/test_file_types.py`. */
const MEANT = [
  ["mug.jpg", "image/jpeg", "image/jpeg"],
  ["mug.jpg", "image/jpg", "image/jpeg"],
  ["mug.jpg", "image/pjpeg", "image/jpeg"],
  ["mug.jpg", "IMAGE/JPEG; charset=binary", "image/jpeg"],
  ["mug.png", "image/x-png", "image/png"],
  ["mug.png", "application/octet-stream", "image/png"],
  ["mug.JFIF", "", "image/jpeg"],
  ["mug.webp", "", "image/webp"],
  ["mug.avif", "binary/octet-stream", "image/avif"],
  ["IMG_1.HEIC", "", "image/heic"],
  ["IMG_1.heif", "", "image/heif"],
  ["IMG_1.HIF", "application/octet-stream", "image/heic"],
  ["mug", "", "image/jpeg"],
  ["mug.jpg", "image/webp", "image/webp"],
  ["mug.gif", "image/gif", "image/gif"],
  ["notes.txt", "", ""],
  ["sidecar.xmp", "application/octet-stream", "application/octet-stream"],
  ["mug.jpg", "text/html", "text/html"],
];

for (const [name, type, meant] of MEANT)
  test(`${name} of the type “${type}” is announced as “${meant}”`, () => {
    assert.equal(contentType({ name, type }), meant);
  });
