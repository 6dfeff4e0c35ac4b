// @ts-check
/**
 * Refusals as they are shown and said: a few each in a sentence of its own, many for the same reason in one. Pure.
 */
import * as words from "./words.js";

/** @import { Problem } from "./admission.js" */

/** As many of a kind are read one by one. */
const FEW = 3;

/** @type {Record<string, (names: string[], problem: Problem) => string>} by what is wrong */
const MANY = {
  empty: words.manyEmpty,
  unsupported: words.manyUnsupported,
  too_large: words.manyTooLarge,
  too_many: words.manyTooMany,
};

/**
 * @param {Problem[]} problems
 * @returns {Array<{text: string, problems: Problem[]}>} problems: those that the sentence is about
 */
export function grouped(problems) {
  const told = new Set();
  return problems.flatMap((problem) => {
    const same = problem.kind ? problems.filter(({ kind }) => kind === problem.kind) : [];
    if (!problem.kind || same.length <= FEW || !MANY[problem.kind]) {
      return [{ text: words.problem(problem.name, problem.message), problems: [problem] }];
    }
    if (told.has(problem.kind)) return [];
    told.add(problem.kind);
    return [{ text: MANY[problem.kind](same.map(({ name }) => name), problem), problems: same }];
  });
}
