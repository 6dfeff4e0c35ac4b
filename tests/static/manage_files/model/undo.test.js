import assert from "node:assert/strict";
import test from "node:test";

import { commandsFor, moveStep, takeLast, withStep } from "../../../../static/manage_files/model/undo.js";

/** Lists written as `{ "": "abc", red: "d" }`. */
const arranged = (lists, removedCards = "") => ({
  lists: Object.entries(lists).map(([id, files]) => ({ id, files: [...files] })),
  removedCards: [...removedCards],
});

/** What the server does with a move. */
function move(lists, { files, list, after }) {
  const without = lists.map(({ id, files: all }) => ({ id, files: all.filter((file) => !files.includes(file)) }));
  const target = without.find(({ id }) => id === list);
  assert.ok(target, `there is no list ${list}`);
  assert.ok(after === null || target.files.includes(after), `${after} is not in ${list}`);
  target.files.splice(after === null ? 0 : target.files.indexOf(after) + 1, 0, ...files);
  return without;
}

const undone = (now, commands) => commands.reduce(move, now.lists);

function moved(before, command) {
  const after = move(before.lists, command);
  return {
    step: moveStep("move", command.files, { before: before.lists, after }),
    now: { lists: after, removedCards: [] },
  };
}

test("a move is undone to where the image was", () => {
  const before = arranged({ "": "abcd" });
  const { step, now } = moved(before, { files: ["c"], list: "", after: null });

  assert.deepEqual(commandsFor(step, now), [{ kind: "move", files: ["c"], list: "", after: "b" }]);
  assert.deepEqual(undone(now, commandsFor(step, now)), before.lists);
});

test("images that moved together go back apart, each into its list", () => {
  const before = arranged({ "": "abcd", red: "ef" });
  const { step, now } = moved(before, { files: ["a", "c", "d", "f"], list: "red", after: null });

  assert.deepEqual(undone(now, commandsFor(step, now)), before.lists);
  assert.equal(commandsFor(step, now).length, 3);
});

test("any move of any images is undone, whatever was added or removed beside them", () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 16807) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 2000; round += 1) {
    const all = [..."abcdefgh"].sort(() => random(3) - 1);
    const before = arranged({ "": all.slice(0, 5).join(""), red: all.slice(5).join("") });
    const files = all.filter(() => random(3) === 0);
    if (files.length === 0) continue;
    const list = random(2) === 0 ? "" : "red";
    const others = before.lists.find(({ id }) => id === list).files.filter((file) => !files.includes(file));
    const after = others[random(others.length + 1)] ?? null;
    const { step, now } = moved(before, { files, list, after });
    if (!step) continue;
    assert.deepEqual(undone(now, commandsFor(step, now)), before.lists);

    const gone = all[random(all.length)];
    const changed = now.lists.map(({ id, files: mine }) => ({
      id,
      files: [...mine.filter((file) => file !== gone), id === "" ? "x" : "y"],
    }));
    const commands = commandsFor(step, { lists: changed, removedCards: [] });
    if (files.every((file) => file === gone)) assert.deepEqual(commands, []);
    const known = undone({ lists: changed }, commands).map(({ id, files: mine }) => ({
      id,
      files: mine.filter((file) => !"xy".includes(file)),
    }));
    assert.deepEqual(
      known,
      before.lists.map(({ id, files: mine }) => ({ id, files: mine.filter((file) => file !== gone) })),
    );
  }
});

test("a move that changes nothing is no step", () => {
  const lists = arranged({ "": "abc" }).lists;

  assert.equal(moveStep("move", ["a"], { before: lists, after: lists }), null);
  assert.equal(moveStep("move", ["gone"], { before: lists, after: lists }), null);
});

test("a sort is undone in one move, and what was added since stays behind", () => {
  const before = arranged({ "": "cab" });
  const step = moveStep("sort", ["a", "b", "c"], { before: before.lists, after: arranged({ "": "abc" }).lists });

  assert.deepEqual(commandsFor(step, arranged({ "": "abcd" })), [
    { kind: "move", files: ["c", "a", "b"], list: "", after: null },
  ]);
});

test("a move that was moved on, removed, or whose variant is gone no longer applies", () => {
  const { step } = moved(arranged({ "": "abcd" }), { files: ["d"], list: "", after: null });
  assert.deepEqual(commandsFor(step, arranged({ "": "abdc" })), [], "another tab moved it");
  assert.deepEqual(commandsFor(step, arranged({ "": "abc" }, "d")), [], "it was removed");
  assert.deepEqual(commandsFor(step, arranged({ "": "abc", red: "d" })), [], "it is in another list");
  assert.notDeepEqual(commandsFor(step, arranged({ "": "dbac" })), [], "another image was moved");

  const fromRed = moved(arranged({ "": "ab", red: "c" }), { files: ["c"], list: "", after: "b" });
  assert.deepEqual(commandsFor(fromRed.step, arranged({ "": "abc" })), [], "where it came from is gone");
});

test("removed images are restored, the last one first; those deleted permanently stay away", () => {
  const step = { kind: "remove", files: ["a", "b", "c"], before: [] };

  assert.deepEqual(commandsFor(step, arranged({ "": "" }, "bca")), [
    { kind: "restore", file: "c" },
    { kind: "restore", file: "b" },
    { kind: "restore", file: "a" },
  ]);
  assert.deepEqual(commandsFor(step, arranged({ "": "ab" })), []);
});

test("a removed variant comes back with its images, but not with those that went on to another", () => {
  const row = { temp_id: "red", label: "Red" };
  const step = { kind: "variant", files: ["a", "b"], before: [], row, index: 1 };

  assert.deepEqual(commandsFor(step, arranged({ "": "xab" })), [
    { kind: "row", row, index: 1 },
    { kind: "move", files: ["a", "b"], list: "red", after: null },
  ]);
  assert.deepEqual(commandsFor(step, arranged({ "": "xb", blue: "a" })).at(-1).files, ["b"]);
  assert.deepEqual(commandsFor(step, arranged({ "": "x" })), [{ kind: "row", row, index: 1 }]);
});

test("the last step that applies is taken, and later ones that do not are dropped", () => {
  const first = { kind: "remove", files: ["a"], before: [] };
  const second = { kind: "remove", files: ["b"], before: [] };
  const steps = withStep(withStep([], first), second);

  assert.equal(takeLast(steps, arranged({}, "ab")).step, second);
  assert.deepEqual(takeLast(steps, arranged({}, "a")), {
    steps: [],
    step: first,
    commands: [{ kind: "restore", file: "a" }],
  });
  assert.equal(takeLast(steps, arranged({}, "")), null);
});

test("only so many steps are kept", () => {
  let steps = [];
  for (let n = 0; n < 60; n += 1) steps = withStep(steps, { kind: "remove", files: [String(n)], before: [] });

  assert.equal(steps.length, 50);
  assert.deepEqual(steps.at(-1).files, ["59"]);
});
