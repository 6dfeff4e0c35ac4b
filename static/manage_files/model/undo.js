// @ts-check
/**
 * The steps of this tab, and the commands that undo them, computed from the state before. A step names files, not
 * positions in a snapshot, so it survives what others do meanwhile. Once others have moved the same files on, it no
 * longer applies and is dropped. Pure.
 */
import { MAIN } from "./list_id.js";

/** @typedef {{id: string, files: string[]}} Order a list and its files, in order */
/** @typedef {{lists: Order[], removedCards: string[]}} Arranged where everything is */

/**
 * @typedef {object} Step
 * @property {"move"|"sort"|"remove"|"variant"} kind
 * @property {string[]} files that were moved or removed
 * @property {Order[]} before the lists that contained them
 * @property {Order} [after] move, sort: the list they moved to, with them
 * @property {{temp_id: string, label: string}} [row] variant: the row that was removed
 * @property {number} [index] variant: its index
 */

/**
 * @typedef {{kind: "move", files: string[], list: string, after: string|null}
 *   | {kind: "restore", file: string}
 *   | {kind: "row", row: {temp_id: string, label: string}, index: number}} UndoCommand
 */

/** More steps than anybody undoes. */
const MAX_STEPS = 50;

/**
 * @param {readonly Step[]} steps
 * @param {Step} step
 * @returns {readonly Step[]}
 */
export function withStep(steps, step) {
  return [...steps, step].slice(-MAX_STEPS);
}

/**
 * Takes the last step that still applies. Later ones that do not are dropped.
 * @param {readonly Step[]} steps
 * @param {Arranged} now
 * @returns {{steps: readonly Step[], step: Step, commands: UndoCommand[]}|null} null if there is nothing to undo
 */
export function takeLast(steps, now) {
  for (let last = steps.length - 1; last >= 0; last -= 1) {
    const commands = commandsFor(steps[last], now);
    if (commands.length > 0) return { steps: steps.slice(0, last), step: steps[last], commands };
  }
  return null;
}

/**
 * Returns the step for a move of files within or between lists, or for sorting one.
 * @param {"move"|"sort"} kind
 * @param {string[]} files in their new order
 * @param {{before: Order[], after: Order[]}} lists all of them
 * @returns {Step|null} null if nothing moved
 */
export function moveStep(kind, files, { before, after }) {
  const target = after.find((list) => list.files.includes(files[0]));
  const sources = before.filter((list) => list.files.some((file) => files.includes(file)));
  if (!target || sources.length === 0) return null;
  const isSame = sources.length === 1 && sources[0].id === target.id && isEqual(sources[0].files, target.files);
  return isSame ? null : { kind, files, before: sources, after: target };
}

/**
 * @param {Step} step
 * @param {Arranged} now
 * @returns {UndoCommand[]} none if it no longer applies
 */
export function commandsFor(step, now) {
  switch (step.kind) {
    case "remove": {
      // Last one first: each position was valid when its image was removed.
      const stillRemoved = step.files.filter((file) => now.removedCards.includes(file));
      return stillRemoved.reverse().map((file) => ({ kind: "restore", file }));
    }
    case "variant":
      return rowCommands(step, now);
    default:
      return moveCommands(step, now);
  }
}

/**
 * @param {Step} step
 * @param {Arranged} now
 * @returns {UndoCommand[]}
 */
function rowCommands({ row, index = 0, files }, now) {
  if (!row) return [];
  // An image that has moved on to another variant stays there.
  const home = now.lists.filter(({ id }) => id === MAIN || id === row.temp_id).flatMap((list) => list.files);
  const back = files.filter((file) => home.includes(file));
  const list = row.temp_id;
  return [{ kind: "row", row, index }, ...(back.length > 0 ? [moved(back, list, null)] : [])];
}

/**
 * @param {Step} step
 * @param {Arranged} now
 * @returns {UndoCommand[]}
 */
function moveCommands({ files, before, after }, now) {
  const target = after && now.lists.find(({ id }) => id === after.id);
  if (!target || !isUntouched(after.files, target.files, files)) return [];
  const moving = new Set(files.filter((file) => target.files.includes(file)));
  return before.flatMap((list) => {
    const there = now.lists.find(({ id }) => id === list.id);
    return there ? putBack(list, there.files, moving) : [];
  });
}

/**
 * Returns the moves that bring files back into a list. Adjacent files move together, to after the file they followed.
 * @param {Order} list as it was
 * @param {string[]} there its files now
 * @param {ReadonlySet<string>} moving
 */
function putBack({ id, files }, there, moving) {
  /** @type {Array<UndoCommand & {kind: "move"}>} */
  const moves = [];
  /** @type {string|null} */
  let behind = null;
  let isTogether = false;
  for (const file of files) {
    if (moving.has(file)) {
      if (isTogether) moves[moves.length - 1].files.push(file);
      else moves.push(moved([file], id, behind));
      isTogether = true;
    } else if (there.includes(file)) {
      isTogether = false;
    } else {
      continue;
    }
    behind = file;
  }
  return moves;
}

/**
 * Whether the files are still where they were put: in the same order, next to the same neighbours. Files added or
 * removed since do not count.
 * @param {string[]} then the list after the step
 * @param {string[]} now
 * @param {string[]} files
 */
function isUntouched(then, now, files) {
  const was = then.filter((file) => now.includes(file));
  const is = now.filter((file) => then.includes(file));
  const mine = (/** @type {string} */ file) => files.includes(file);
  if (!is.some(mine) || !isEqual(was.filter(mine), is.filter(mine))) return false;
  const isBehind = was[was.findIndex(mine) - 1] === is[is.findIndex(mine) - 1];
  return isBehind || was[was.findLastIndex(mine) + 1] === is[is.findLastIndex(mine) + 1];
}

/**
 * @param {string[]} files
 * @param {string} list
 * @param {string|null} after
 * @returns {UndoCommand & {kind: "move"}}
 */
function moved(files, list, after) {
  return { kind: "move", files, list, after };
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
function isEqual(one, other) {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}
