import assert from "node:assert/strict";
import test from "node:test";

import { cards, lists, removedCards } from "../../../../static/manage_files/model/cards.js";
import { applyEvent, EMPTY_DRAFT } from "../../../../static/manage_files/model/draft.js";

/** A file of a snapshot; `id` may name its list: "red/a". */
function file(id, sequence, more = {}) {
  return {
    file: id,
    name: `${id}.jpg`,
    size: 100,
    content_type: "image/jpeg",
    file_type: "main_image",
    variant_temp_id: null,
    sequence,
    state: "stored",
    sending: false,
    attached: false,
    url: "",
    sha256: "",
    alt_text: "",
    width: null,
    height: null,
    taken_at: null,
    error: null,
    ...more,
  };
}

function snapshot(revision, files, variants = []) {
  return { type: "snapshot", revision, files, variants, draft: {}, limits: {}, sockets: 1 };
}

const after = (...events) => events.reduce(applyEvent, EMPTY_DRAFT);
const names = (draft) => cards(draft).map(({ id }) => id);
const move = (op, id, behind, list = "") => ({
  type: "changed",
  change: { op, kind: "move", file: id, files: [id].flat(), list, after: behind },
});

const three = [file("a", 0), file("b", 1), file("c", 2)];

test("files stand in the order of their sequence, whatever the order of the frame", () => {
  assert.deepEqual(names(after(snapshot(1, [three[2], three[0], three[1]]))), ["a", "b", "c"]);
});

test("applying a snapshot twice changes nothing", () => {
  const once = after(snapshot(1, three));

  assert.deepEqual(cards(applyEvent(once, snapshot(1, three))), cards(once));
});

test("a snapshot older than the newest seen is ignored", () => {
  const draft = after(snapshot(5, three), snapshot(4, []));

  assert.deepEqual(names(draft), ["a", "b", "c"]);
});

test("a move shows at once", () => {
  assert.deepEqual(names(after(snapshot(1, three), move("1", "c", null))), ["c", "a", "b"]);
});

test("a move stays over snapshots that do not contain it yet", () => {
  const draft = after(snapshot(1, three), move("1", "c", null), snapshot(2, three));

  assert.deepEqual(names(draft), ["c", "a", "b"]);
});

test("a move gives way to the snapshot that contains it", () => {
  const moved = [file("c", 0), file("b", 1), file("a", 2)];
  const draft = after(
    snapshot(1, three),
    move("1", "c", null),
    { type: "answered", op: "1", revision: 2 },
    snapshot(2, moved),
  );

  assert.deepEqual(names(draft), ["c", "b", "a"]);
  assert.equal(draft.pendingChanges.length, 0);
});

test("the answer may come after the snapshot that contains it", () => {
  const draft = after(snapshot(1, three), move("1", "c", null), snapshot(2, three), {
    type: "answered",
    op: "1",
    revision: 2,
  });

  assert.deepEqual(names(draft), ["a", "b", "c"]);
});

test("a refused move is undone", () => {
  const draft = after(snapshot(1, three), move("1", "c", null), { type: "refused", op: "1" });

  assert.deepEqual(names(draft), ["a", "b", "c"]);
});

test("moves in a row build on each other", () => {
  const draft = after(snapshot(1, three), move("1", "c", null), move("2", "a", "b"));

  assert.deepEqual(names(draft), ["c", "b", "a"]);
});

test("files that move together stand together, in the order they were named in, wherever they come from", () => {
  const rows = [{ temp_id: "red", label: "Red" }];
  const red = file("r", 0, { file_type: "variant_image", variant_temp_id: "red" });
  const draft = after(
    snapshot(1, [...three, red], rows),
    move("1", ["c", "r"], "a"),
    move("2", ["b", "gone"], null, "red"),
  );

  assert.deepEqual(
    lists(draft).map(({ cards: all }) => all.map(({ id }) => id)),
    [["a", "c", "r"], ["b"]],
  );
});

test("a move to a variant leaves its list and joins the other", () => {
  const rows = [{ temp_id: "red", label: "Red" }];
  const draft = after(snapshot(1, three, rows), move("1", "b", null, "red"));

  assert.deepEqual(
    lists(draft).map(({ cards: all }) => all.map(({ id }) => id)),
    [["a", "c"], ["b"]],
  );
});

test("an added file stands at its place before the server knows it, and once after", () => {
  const info = file("new", Infinity, { state: "receiving" });
  const added = after(snapshot(1, three), {
    type: "changed",
    change: { op: "1", kind: "add", file: "new", list: "", info },
  });
  const known = applyEvent(added, snapshot(2, [...three, file("new", 3, { state: "receiving" })]));

  assert.deepEqual(names(added), ["a", "b", "c", "new"]);
  assert.deepEqual(names(known), ["a", "b", "c", "new"]);
});

test("files can be added before the first snapshot", () => {
  const info = file("new", Infinity, { state: "receiving" });
  const draft = after({ type: "changed", change: { op: "1", kind: "add", file: "new", list: "", info } });

  assert.deepEqual(names(draft), ["new"]);
});

test("removing a stored file makes it restorable, an unfinished one is gone", () => {
  const files = [file("a", 0), file("b", 1, { state: "receiving" })];
  const remove = (id) => ({ type: "changed", change: { op: id, kind: "remove", file: id } });
  const draft = after(snapshot(1, files), remove("a"), remove("b"));

  assert.deepEqual(names(draft), []);
  assert.deepEqual(
    removedCards(draft).map(({ id }) => id),
    ["a"],
  );
});

test("restoring brings an attached file back as attached", () => {
  const files = [file("a", 0, { state: "removed", attached: true })];
  const draft = after(snapshot(1, files), { type: "changed", change: { op: "1", kind: "restore", file: "a" } });

  assert.deepEqual(
    cards(draft).map(({ state }) => state),
    ["attached"],
  );
});

test("a change of a file that another tab removed harms nothing", () => {
  const draft = after(snapshot(1, three), move("1", "c", null), snapshot(2, three.slice(0, 2)));

  assert.deepEqual(names(draft), ["a", "b"]);
});

test("images of a row that is gone show among the product's", () => {
  const red = { file_type: "variant_image", variant_temp_id: "red" };

  assert.deepEqual(names(after(snapshot(1, [file("a", 0), file("b", 0, red)]))), ["a", "b"]);
});

test("progress of other tabs never overrules what this tab knows of its own files", () => {
  const receiving = [file("a", 0, { state: "receiving" })];
  const draft = after(
    snapshot(1, receiving),
    { type: "held", file: "a", held: true },
    { type: "received", file: "a", bytes: 70 },
    { type: "progress", file: "a", received: 40, size: 100 },
  );

  assert.equal(cards(draft)[0].received, 70);
});

test("a fault is forgotten when the server has got past it", () => {
  const error = { code: "server_error", message: "No.", retryable: true };
  const failed = after(snapshot(1, [file("a", 0, { state: "receiving" })]), { type: "failed", file: "a", error });

  assert.equal(cards(failed)[0].state, "failed");
  assert.equal(cards(applyEvent(failed, snapshot(2, [file("a", 0)])))[0].state, "stored");
});
