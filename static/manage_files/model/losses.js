// @ts-check
/** What would be lost if the draft were discarded now. Pure. */
import { CardState, cards, removedCards } from "./cards.js";

/** @import { Draft, PendingChange } from "./draft.js" */

/**
 * @typedef {object} Losses
 * @property {number} images images added here; the edited product keeps its own
 * @property {boolean} order
 * @property {boolean} altTexts
 * @property {boolean} removals of images of the edited product
 * @property {boolean} typed text or variants
 */

/** @typedef {{text: boolean, variants: boolean}} Typed what the form holds that is not the product's own */

/**
 * @param {Draft} draft
 * @param {Typed} typed
 * @returns {Losses}
 */
export function lossesOf(draft, typed) {
  const removed = removedCards(draft);
  const own = [...cards(draft), ...removed].filter(({ state, attached }) => state !== CardState.ATTACHED && !attached);
  const changes = new Set(draft.snapshot?.draft.changes ?? []);
  const isPending = (/** @type {PendingChange["kind"]} */ kind) =>
    draft.pendingChanges.some((one) => one.kind === kind);
  return {
    images: own.length,
    order: changes.has("order") || isPending("move"),
    altTexts: changes.has("alt_texts") || isPending("describe"),
    removals: removed.some(({ attached }) => attached),
    typed: typed.text || typed.variants || changes.has("text") || changes.has("variants"),
  };
}

/** @param {Losses} losses */
export function isNothing({ images, order, altTexts, removals, typed }) {
  return images === 0 && !order && !altTexts && !removals && !typed;
}

/**
 * Whether the draft is of a product that does not exist yet.
 * @param {Draft} draft
 * @param {string} edited title of the edited product according to the page; decides before the first snapshot
 */
export function isNewProduct({ snapshot }, edited) {
  return snapshot?.draft.target.endsWith(":") ?? edited === "";
}
