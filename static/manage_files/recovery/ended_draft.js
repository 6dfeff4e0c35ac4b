// @ts-check
/**
 * Describes what is left of a draft that ended without being saved; count, banner and cards are derived from it. Pure.
 */
import { CardState } from "../model/cards.js";
import { subtractNames } from "./expired_draft.js";

/**
 * @import { Card, List } from "../model/cards.js"
 * @import { Draft } from "../model/draft.js"
 */

/**
 * @typedef {object} EndedDraft
 * @property {List[]} lists
 * @property {number} count images that are gone
 * @property {string[]} held names of those that this browser can restore
 * @property {string[]} lost names of the others
 */

/**
 * @param {object} left
 * @param {Draft} left.draft
 * @param {List[]} left.lists as last shown
 * @param {string[]} left.names images that the server deleted; empty if it does not say
 * @param {string[]} left.waiting images that were being added to this draft
 * @param {(file: string) => boolean} left.isHeld whether this browser can restore it
 * @returns {EndedDraft}
 */
export function endedDraft({ draft, lists, names, waiting, isHeld }) {
  const all = lists.flatMap((list) => list.cards);
  const gone = all.filter(isGone);
  const held = [...waiting, ...gone.filter(({ id }) => isHeld(id)).map(({ name }) => name)];
  // Removed by the user before the server learned of it, or never an image: nobody misses those.
  const unwanted = [...removedNames(draft), ...all.filter(isUseless).map(({ name }) => name)];
  const lost =
    names.length > 0
      ? subtractNames(subtractNames(names, held), unwanted)
      : gone.filter(({ id }) => !isHeld(id)).map(({ name }) => name);
  return { lists: lists.map((list) => ended(list, isHeld)), count: held.length + lost.length, held, lost };
}

/**
 * Names of the images that the user removed before the server learned of it.
 * @param {Draft} draft
 * @returns {string[]}
 */
export function removedNames({ snapshot, pendingChanges }) {
  const removed = pendingChanges.filter(({ kind }) => kind === "remove").map(({ file }) => file);
  return (snapshot?.files ?? [])
    .filter(({ file, state }) => state !== "removed" && removed.includes(file))
    .map(({ name }) => name);
}

/**
 * @param {List} list
 * @param {(file: string) => boolean} isHeld
 * @returns {List}
 */
function ended(list, isHeld) {
  const cards = list.cards.map((card) =>
    isGone(card) ? { ...card, state: CardState.GONE, held: isHeld(card.id), leaving: false, error: null } : card,
  );
  return { ...list, cards };
}

/**
 * Whether it was deleted with the draft; an image of the saved product stays with the product.
 * @param {Card} card
 */
function isGone(card) {
  return !card.attached && !isUseless(card);
}

/**
 * Whether it failed permanently.
 * @param {Card} card
 */
function isUseless({ state, error }) {
  return state === CardState.FAILED && error?.retryable !== true;
}
