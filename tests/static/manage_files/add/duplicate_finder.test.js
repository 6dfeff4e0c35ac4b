import assert from "node:assert/strict";
import test from "node:test";

import { findDuplicates } from "../../../../static/manage_files/add/duplicate_finder.js";

const file = (name, text = name) => ({ name, size: text.length, text });
const digest = async ({ text }) => text;
const known = (id, text) => ({ id, size: text.length, digest: async () => text });

test("a file with the same bytes as a picture of the draft is its duplicate, whatever its name", async () => {
  const again = file("copy", "mug");

  assert.deepEqual(
    [...(await findDuplicates([again, file("new", "cup")], [known("1", "mug")], digest))],
    [[again, "1"]],
  );
});

test("of files added together the first is the picture, and all others are its duplicates", async () => {
  const [first, second, third] = ["a", "b", "c"].map((name) => file(name, "mug"));
  const duplicates = await findDuplicates([first, second, third], [], digest);

  assert.deepEqual([duplicates.get(first), duplicates.get(second), duplicates.get(third)], [undefined, first, first]);
});

test("only files that could be the same are read", async () => {
  const read = [];
  const reading = async (each) => read.push(each.name) && each.text;
  await findDuplicates([file("a", "mug"), file("b", "plate")], [known("1", "bowl")], reading);

  assert.deepEqual(read, []);
});

test("where nothing can be told nothing is a duplicate", async () => {
  assert.equal((await findDuplicates([file("a", "mug")], [known("1", "mug")], async () => null)).size, 0);
  assert.equal(
    (await findDuplicates([file("a", "mug")], [{ id: "1", size: 3, digest: async () => null }], digest)).size,
    0,
  );
});

test("a huge file is never read as a whole", async () => {
  const huge = { size: 64_000_001 };

  assert.equal(
    (await findDuplicates([huge], [{ id: "1", size: huge.size, digest: async () => "x" }], async () => assert.fail()))
      .size,
    0,
  );
});
