// @ts-check
/** The orders that a list can be put into at once. Pure. */

/** @import { Card } from "../model/cards.js" */

/** As people count: 2 before 10, and a letter as much as its capital. */
const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** @type {Record<string, (one: Card, other: Card) => number>} cards that are equal keep their order */
const ORDERS = {
  name: (one, other) => compare(one.name, other.name),
  time: (one, other) => rank(one) - rank(other) || 0,
};

/**
 * @param {readonly Card[]} cards
 * @param {"name"|"time"} by time: when they were taken, those that do not say last
 * @returns {string[]} their ids
 */
export function sortedIds(cards, by) {
  return cards.toSorted(ORDERS[by]).map(({ id }) => id);
}

/** @param {Card} card */
function rank({ takenAt }) {
  return takenAt ?? Number.MAX_SAFE_INTEGER;
}
