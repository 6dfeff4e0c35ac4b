// @ts-check
/** Computes the positions to which a card can move, in terms of the protocol: a list and the file to follow. Pure. */

/** @import { List } from "./cards.js" */

/** @typedef {{list: string, after: string|null}} Position after null: first */
/** @typedef {"first"|"earlier"|"later"|"last"} Direction */

/**
 * Returns where files can move together within one list; scattered ones are gathered.
 * @param {List[]} lists
 * @param {string[]} files in their new order
 * @param {string} [lead] the file that determines the list
 * @returns {Record<Direction, Position|null>} null if they are already there
 */
export function positionsOf(lists, files, lead = files[0]) {
  const list = listOf(lists, lead);
  if (!list) return { first: null, earlier: null, later: null, last: null };
  const ids = list.cards.map(({ id }) => id);
  const others = ids.filter((id) => !files.includes(id));
  const top = ids.findIndex((id) => files.includes(id));
  const end = ids
    .slice(
      0,
      ids.findLastIndex((id) => files.includes(id)),
    )
    .filter((id) => !files.includes(id)).length;
  const at = (/** @type {number} */ wanted) => {
    const index = Math.min(Math.max(0, wanted), others.length);
    const isThere = others.toSpliced(index, 0, ...files).every((id, where) => id === ids[where]);
    return isThere ? null : { list: list.id, after: others[index - 1] ?? null };
  };
  return { first: at(0), earlier: at(top - 1), later: at(end + 1), last: at(others.length) };
}

/**
 * @param {List[]} lists
 * @param {string} file
 */
export function listOf(lists, file) {
  return lists.find((list) => list.cards.some(({ id }) => id === file)) ?? null;
}

/**
 * The end of a list.
 * @param {List} list
 * @returns {Position}
 */
export function endOf(list) {
  return { list: list.id, after: list.cards.at(-1)?.id ?? null };
}

/**
 * Whether cards that existed before are now in another order or list. Added and removed cards, and those of a removed
 * list, do not count.
 * @param {List[]} before
 * @param {List[]} after
 */
export function isReordered(before, after) {
  const known = after.map(({ id }) => id);
  const was = placed(before.filter(({ id }) => known.includes(id)));
  const is = placed(after);
  const stayed = [...was.keys()].filter((file) => is.has(file));
  const now = [...is.keys()].filter((file) => was.has(file));
  return now.some((file, index) => file !== stayed[index] || was.get(file) !== is.get(file));
}

/**
 * @param {List[]} lists
 * @returns {Map<string, string>} the list of each file, in order
 */
function placed(lists) {
  return new Map(lists.flatMap((list) => list.cards.map(({ id }) => /** @type {[string, string]} */ ([id, list.id]))));
}
