import assert from "node:assert/strict";
import test from "node:test";

import { readDropped } from "../../../../static/manage_files/add/folder_reader.js";

const file = (name) => ({ name, isFile: true, isDirectory: false, file: (then) => then(name) });
const locked = (name) => ({ ...file(name), file: (_, fail) => fail(new DOMException("locked", "NotReadableError")) });
const folder = (name, ...inside) => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => ({ readEntries: (then) => then(inside.splice(0)) }),
});
const closed = (name) => ({
  ...folder(name),
  createReader: () => ({ readEntries: (_, fail) => fail(new DOMException("closed")) }),
});

test("the files of a folder follow in the order people number them, without what systems leave there", async () => {
  const contents = await readDropped([
    folder("shots", file("10.jpg"), file("2.jpg"), file(".DS_Store")),
    file("a.jpg"),
  ]);

  assert.deepEqual(contents, {
    files: ["2.jpg", "10.jpg", "a.jpg"],
    empty: [],
    unreadable: [],
    deep: [],
    isCut: false,
  });
});

test("what cannot be opened is told by name, and a folder of it is not called empty", async () => {
  const contents = await readDropped([
    folder("shots", locked("1.jpg")),
    closed("old"),
    folder("none"),
    locked("2.jpg"),
  ]);

  assert.deepEqual(contents, {
    files: [],
    empty: ["none"],
    unreadable: ["1.jpg", "old", "2.jpg"],
    deep: [],
    isCut: false,
  });
});

test("a folder that lies too deep is told by name, and no folder around it is called empty", async () => {
  const nested = (depth, inside) => (depth ? folder(`${depth}`, nested(depth - 1, inside)) : inside);
  const contents = await readDropped([nested(8, folder("deep", file("a.jpg"))), nested(8, file("b.jpg"))]);

  assert.deepEqual(contents, { files: ["b.jpg"], empty: [], unreadable: [], deep: ["deep"], isCut: false });
});

test("what is hidden and dropped by itself is meant, what is hidden in a folder is not", async () => {
  const { files, empty } = await readDropped([
    file(".a.jpg"),
    folder("shots", file(".b.jpg"), folder(".git", file("c.jpg"))),
    folder(".photos", file("d.jpg")),
  ]);

  assert.deepEqual([files, empty], [[".a.jpg", "d.jpg"], ["shots"]]);
});
