// @ts-check
/**
 * Refusals as they are shown and said: a few each in a sentence of its own, many for the same reason in one. Pure.
 */
import * as refusalWords from "../text/error_messages.js";

/** @import { Problem } from "../client/validation.js" */

/** As many of a kind are read one by one. */
const FEW = 3;

/** @type {Record<string, (names: string[], problem: Problem) => string>} by what is wrong */
const MANY = {
  empty: refusalWords.manyEmpty,
  unsupported: refusalWords.manyUnsupported,
  too_large: refusalWords.manyTooLarge,
  too_many: refusalWords.manyTooMany,
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
      return [{ text: refusalWords.problem(problem.name, problem.message), problems: [problem] }];
    }
    if (told.has(problem.kind)) return [];
    told.add(problem.kind);
    return [
      {
        text: MANY[problem.kind](
          same.map(({ name }) => name),
          problem,
        ),
        problems: same,
      },
    ];
  });
}
