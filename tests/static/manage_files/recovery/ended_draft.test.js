import assert from "node:assert/strict";
import test from "node:test";
import { lists } from "../../../../static/manage_files/model/cards.js";
import { applyEvent, EMPTY_DRAFT } from "../../../../static/manage_files/model/draft.js";
import { endedDraft, removedNames } from "../../../../static/manage_files/recovery/ended_draft.js";

const file = (id, state = "stored", more = {}) => ({
  file: id,
  name: `${id}.jpg`,
  size: 100,
  state,
  sequence: 0,
  variant_temp_id: null,
  sending: false,
  attached: state === "attached",
  error: state === "rejected" ? { code: "not_an_image", message: "", retryable: false } : null,
  url: "",
  alt_text: "",
  taken_at: null,
  ...more,
});

function left({ files, names, removed = [], held = [], waiting = [] }) {
  const snapshot = { type: "snapshot", revision: 1, variants: [], files };
  let draft = applyEvent(EMPTY_DRAFT, snapshot);
  for (const id of removed)
    draft = applyEvent(draft, { type: "changed", change: { op: id, kind: "remove", file: id } });
  return endedDraft({ draft, lists: lists(draft), names, waiting, isHeld: (id) => held.includes(id) });
}

const states = ({ lists: [{ cards }] }) => cards.map(({ name, state, held }) => `${name} ${state} ${held}`);

test("everything is gone, whatever it was doing, and is told apart by whether it can be restored", () => {
  const end = left({
    files: [file("a"), file("b", "receiving"), file("c", "checking")],
    names: ["a.jpg", "b.jpg", "c.jpg"],
    held: ["a", "b"],
  });

  assert.deepEqual(states(end), ["a.jpg gone true", "b.jpg gone true", "c.jpg gone false"]);
  assert.deepEqual([end.count, end.held, end.lost], [3, ["a.jpg", "b.jpg"], ["c.jpg"]]);
});

test("an image the user removed is not lost, also when the server never heard of that", () => {
  const end = left({
    files: [file("a"), file("b"), file("c", "receiving"), file("d", "removed")],
    names: ["a.jpg", "b.jpg", "c.jpg"],
    removed: ["b", "c"],
  });

  assert.deepEqual([end.count, end.lost], [1, ["a.jpg"]]);
});

test("an image of the saved product stays, and what was never an image is not missed", () => {
  const end = left({ files: [file("a", "attached"), file("b", "rejected"), file("c")], names: ["b.jpg", "c.jpg"] });

  assert.deepEqual(states(end), ["a.jpg attached false", "b.jpg failed false", "c.jpg gone false"]);
  assert.deepEqual([end.count, end.lost], [1, ["c.jpg"]]);
});

test("what this tab never saw is lost, and what waited for this draft can be restored", () => {
  const end = left({ files: [file("a")], names: ["a.jpg", "x.jpg"], held: ["a"], waiting: ["w.jpg"] });

  assert.deepEqual([end.count, end.held, end.lost], [3, ["w.jpg", "a.jpg"], ["x.jpg"]]);
});

test("a server that names nothing is believed no more than what was shown", () => {
  const end = left({ files: [file("a"), file("b")], names: [], held: ["a"] });

  assert.deepEqual([end.count, end.held, end.lost], [2, ["a.jpg"], ["b.jpg"]]);
});

test("removals the server knows need no name", () => {
  const snapshot = { type: "snapshot", revision: 1, variants: [], files: [file("a", "removed"), file("b")] };
  let draft = applyEvent(EMPTY_DRAFT, snapshot);
  for (const id of ["a", "b"])
    draft = applyEvent(draft, { type: "changed", change: { op: id, kind: "remove", file: id } });

  assert.deepEqual(removedNames(draft), ["b.jpg"]);
});
