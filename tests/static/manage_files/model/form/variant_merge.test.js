import assert from "node:assert/strict";
import test from "node:test";

import { contestedRows, mergeRows, sameRows } from "../../../../../static/manage_files/model/form/variant_merge.js";

const row = (temp_id, label = temp_id) => ({ temp_id, label });
const base = [row("red"), row("blue")];

test("my new row survives what another tab did", () => {
  assert.deepEqual(mergeRows(base, [...base, row("mine")], [...base, row("theirs")]), [
    ...base,
    row("theirs"),
    row("mine"),
  ]);
});

test("my removal survives their new row", () => {
  assert.deepEqual(mergeRows(base, [row("blue")], [...base, row("theirs")]), [row("blue"), row("theirs")]);
});

test("their removal survives my untouched row", () => {
  assert.deepEqual(mergeRows(base, base, [row("blue")]), [row("blue")]);
});

test("my rename wins over the old name, theirs over the one I did not touch", () => {
  const mine = [row("red", "Crimson"), row("blue")];
  const theirs = [row("red"), row("blue", "Navy")];

  assert.deepEqual(mergeRows(base, mine, theirs), [row("red", "Crimson"), row("blue", "Navy")]);
});

test("an edit beats a removal, whoever made which", () => {
  const renamed = [row("red", "Crimson"), row("blue")];

  assert.deepEqual(mergeRows(base, renamed, [row("blue")]), [row("blue"), row("red", "Crimson")]);
  assert.deepEqual([...contestedRows(base, renamed, [row("blue")])], [["red", "removed"]]);
  assert.deepEqual(mergeRows(base, [row("blue")], renamed), renamed);
  assert.deepEqual([...contestedRows(base, [row("blue")], renamed)], [["red", "changed"]]);
});

test("nobody is asked about a row that both removed, or that neither did", () => {
  assert.equal(contestedRows(base, [row("blue")], [row("blue")]).size, 0);
  assert.equal(contestedRows(base, base, base).size, 0);
});

test("their order is the order", () => {
  assert.deepEqual(mergeRows(base, base, [row("blue"), row("red")]), [row("blue"), row("red")]);
});

test("merging what already agrees changes nothing", () => {
  assert.ok(sameRows(mergeRows(base, base, base), base));
});
