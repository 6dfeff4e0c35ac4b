// @ts-check
/** Groups refusals for display: up to a few get a sentence each; many with the same reason share one. Pure. */
import * as errorMessages from "../text/error_messages.js";

/** @import { Problem } from "../client/validation.js" */

/** The maximum number of one kind that are listed one by one. */
const FEW = 3;

/** @type {Record<string, (names: string[], problem: Problem) => string>} by kind of problem */
const MANY = {
  empty: errorMessages.manyEmpty,
  unsupported: errorMessages.manyUnsupported,
  animated: errorMessages.manyAnimated,
  too_large: errorMessages.manyTooLarge,
  too_many: errorMessages.manyTooMany,
};

/**
 * @param {Problem[]} problems
 * @returns {Array<{text: string, problems: Problem[]}>} problems: those the sentence is about
 */
export function groupProblems(problems) {
  const told = new Set();
  return problems.flatMap((problem) => {
    const same = problem.kind ? problems.filter(({ kind }) => kind === problem.kind) : [];
    if (!problem.kind || same.length <= FEW || !MANY[problem.kind]) {
      return [{ text: errorMessages.problem(problem.name, problem.message), problems: [problem] }];
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
