import assert from "node:assert/strict";
import test from "node:test";

import { groupProblems } from "../../../../static/manage_files/model/problem_groups.js";

const wrong = (name) => ({ name, message: `“${name}” is wrong.`, kind: "unsupported" });

test("a few refusals have a sentence each, and know their file", () => {
  const problems = ["a", "b", "c"].map(wrong);

  assert.deepEqual(
    groupProblems(problems).map(({ text }) => text),
    ["“a” is wrong.", "“b” is wrong.", "“c” is wrong."],
  );
  assert.deepEqual(groupProblems(problems)[1].problems, [problems[1]]);
});

test("many for one reason are one sentence; the others stand for themselves", () => {
  const other = { name: "e", message: "e: Broken.", kind: "empty" };
  const change = { name: "f", message: "Not moved.", isChange: true };
  const texts = groupProblems([wrong("a"), other, wrong("b"), wrong("c"), change, wrong("d")]).map(({ text }) => text);

  assert.equal(texts.length, 3);
  assert.match(texts[0], /^“a”, “b”,? and 2 more are not supported images\./);
  assert.deepEqual(texts.slice(1), ["e: Broken.", "“f”: Not moved."]);
});
