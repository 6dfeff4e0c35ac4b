import assert from "node:assert/strict";
import test from "node:test";

import { validateFiles } from "../../../../static/manage_files/client/validation.js";

const limits = { max_file_bytes: 10_000_000, max_files: 3, max_draft_bytes: 20_000_000 };
const empty = { types: ["image/jpeg", "image/png", "image/webp"], limits, count: 0, bytes: 0, interrupted: [] };
const file = (name, size = 1000, type = "image/jpeg") => ({ name, size, type });
const namesOf = (files) => files.map(({ name }) => name);

test("good files go on, each bad one has its own reason", () => {
  const { fresh, problems } = validateFiles(
    [
      file("a.jpg"),
      file("b.pdf", 10, "application/pdf"),
      file("c.jpg", 14_200_000),
      file("d.jpg", 0),
      file("e.png", 10, "image/png"),
    ],
    empty,
  );

  assert.deepEqual(namesOf(fresh), ["a.jpg", "e.png"]);
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      "“b.pdf” is not a supported image. Use JPEG, PNG or WebP.",
      "“c.jpg” is 14.2 MB. The limit is 10 MB.",
      "“d.jpg” is empty. Choose another file.",
    ],
  );
});

test("files count against the limits as they are taken", () => {
  const { fresh, problems } = validateFiles(
    ["a", "b", "c", "d"].map((name) => file(name)),
    { ...empty, count: 1 },
  );

  assert.deepEqual(namesOf(fresh), ["a", "b"]);
  assert.deepEqual(
    [problems[0].name, problems[0].kind, problems[0].message],
    ["c", "too_many", "“c” was not added. The limit is 3 images."],
  );
});

test("all images together have a limit too", () => {
  const { problems } = validateFiles([file("a", 9_000_000), file("b", 9_000_000), file("c", 9_000_000)], empty);

  assert.equal(problems[0].message, "“c” was not added. All images together may have 20 MB.");
});

test("the same name and size continues an interrupted file, once", () => {
  const interrupted = [{ id: "1", name: "a.jpg", size: 1000 }];
  const { fresh, continued } = validateFiles([file("a.jpg"), file("a.jpg")], { ...empty, interrupted });

  assert.deepEqual(
    continued.map(({ id }) => id),
    ["1"],
  );
  assert.equal(fresh.length, 1);
});

test("an interrupted file is recognised by the name the server gave it", () => {
  const interrupted = [{ id: "1", name: "café.jpg", size: 1000 }];
  const { continued } = validateFiles([file("cafe\u0301.jpg")], { ...empty, interrupted });

  assert.deepEqual(
    continued.map(({ id }) => id),
    ["1"],
  );
});

test("an interrupted file is continued even in a full draft", () => {
  const interrupted = [{ id: "1", name: "a.jpg", size: 1000 }];
  const { continued, problems } = validateFiles([file("a.jpg")], { ...empty, count: 3, interrupted });

  assert.equal(continued.length, 1);
  assert.deepEqual(problems, []);
});

test("what systems leave in folders is passed over in silence", () => {
  const { fresh, problems } = validateFiles(
    [file("Thumbs.db", 10, ""), file(".DS_Store", 10, ""), file("._a.jpg"), file(".localized", 0, "")],
    empty,
  );

  assert.deepEqual([...fresh, ...problems], []);
});

test("a hidden file that somebody chose is taken, or refused with a reason", () => {
  const { fresh, problems } = validateFiles([file(".hidden.jpg"), file(".profile", 10, "text/plain")], empty);

  assert.deepEqual(namesOf(fresh), [".hidden.jpg"]);
  assert.deepEqual(
    problems.map(({ message }) => message),
    ["“profile” is not a supported image. Use JPEG, PNG or WebP."],
  );
});

test("a photo of a phone that is not taken says how to get one that is", () => {
  const { problems } = validateFiles([file("IMG_1.HEIC", 10, ""), file("b", 10, "image/heif")], empty);

  assert.match(problems[0].message, /^“IMG_1.HEIC” is an HEIC photo.* Export it as JPEG/);
  assert.match(problems[1].message, /HEIC photo/);
  assert.match(validateFiles([file("IMG_3.HIF", 10, "")], empty).problems[0].message, /HEIC photo/);
  const taken = validateFiles([file("a.heic", 10, "image/heic"), file("IMG_2.HEIC", 10, "")], {
    ...empty,
    types: ["image/heic"],
  });
  assert.equal(taken.fresh.length, 2);
});

test("an animated image says to export a still one", () => {
  const files = [file("a.gif", 10, "image/gif"), file("b.png", 10, "image/apng")];
  const { problems } = validateFiles(files, empty);

  assert.deepEqual(
    problems.map(({ kind, message }) => [kind, message]),
    Array(2).fill(["animated", "Animated images aren't supported. Export a still JPEG, PNG or WebP."]),
  );
});

test("before the first snapshot only the kind of file is checked", () => {
  const { fresh } = validateFiles([file("a.jpg", 900_000_000)], { ...empty, limits: null });

  assert.equal(fresh.length, 1);
});
