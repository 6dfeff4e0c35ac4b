// @ts-check
/** Maps arrow keys to directions in the reading direction of an element. */

/** @import { Direction } from "../model/positions.js" */

/** @type {Record<string, Direction>} */
const DIRECTIONS = {
  ArrowLeft: "earlier",
  ArrowUp: "earlier",
  ArrowRight: "later",
  ArrowDown: "later",
  Home: "first",
  End: "last",
};
/** @type {Record<string, Direction>} */
const MIRRORED = { ArrowLeft: "later", ArrowRight: "earlier" };

/**
 * @param {string} key
 * @param {Element} card
 * @returns {Direction|undefined}
 */
export function directionOf(key, card) {
  const isRtl = getComputedStyle(card).direction === "rtl";
  return (isRtl && MIRRORED[key]) || DIRECTIONS[key];
}
