// @ts-check
/**
 * Where a card can go, in the words of the wire: a list and the file to stand behind. Pure.
 */

/** @import { List } from "./cards.js" */

/** @typedef {{list: string, after: string|null}} Place after null: first */
/** @typedef {"first"|"earlier"|"later"|"last"} Direction */

/**
 * @param {List[]} lists
 * @param {string} file
 * @returns {Record<Direction, Place|null>} null where it stands already
 */
export function placesOf(lists, file) {
  const list = listOf(lists, file);
  if (!list) return { first: null, earlier: null, later: null, last: null };
  const ids = list.cards.map(({ id }) => id);
  const index = ids.indexOf(file);
  const others = ids.filter((id) => id !== file);
  const behind = (/** @type {number} */ place) => ({ list: list.id, after: place < 0 ? null : others[place] });
  const canRise = index > 0;
  const canSink = index < ids.length - 1;
  return {
    first: canRise ? behind(-1) : null,
    earlier: canRise ? behind(index - 2) : null,
    later: canSink ? behind(index) : null,
    last: canSink ? behind(others.length - 1) : null,
  };
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
 * @returns {Place}
 */
export function endOf(list) {
  return { list: list.id, after: list.cards.at(-1)?.id ?? null };
}
