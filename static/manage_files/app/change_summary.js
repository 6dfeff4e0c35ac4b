// @ts-check
/**
 * Summarises the difference between two states of a draft in sentences to announce. The progress of a single file is
 * not announced; the total is, at every quarter. Pure.
 */
import { CardState } from "../model/cards.js";
import * as announcements from "../text/announcements.js";
import * as errorMessages from "../text/error_messages.js";

/** @import { Card } from "../model/cards.js" */

/** @typedef {{cards: Card[], removedCards: Card[], ratio: number}} DraftView */

const QUARTERS = [0.25, 0.5, 0.75];

/**
 * @param {DraftView|null} before null on the first call, which announces nothing
 * @param {DraftView} after
 * @returns {string[]}
 */
export function changeSummary(before, after) {
  if (!before) return [];
  const old = new Map(before.cards.map((card) => [card.id, card]));
  const removedBefore = new Set(before.removedCards.map(({ id }) => id));
  const now = new Set(after.cards.map(({ id }) => id));
  const fresh = after.cards.filter(({ id }) => !old.has(id));
  const restored = names(fresh.filter(({ id }) => removedBefore.has(id)));
  const added = fresh.filter(({ id }) => !removedBefore.has(id)).length;
  const stored = names(after.cards.filter((card) => became(card, old, CardState.STORED)));
  const removed = names(before.cards.filter(({ id }) => !now.has(id)));
  const failed = after.cards.filter((card) => became(card, old, CardState.FAILED));
  return [
    ...(added ? [announcements.added(added, after.cards.length)] : []),
    ...(stored.length ? [announcements.uploaded(stored)] : []),
    ...(removed.length ? [announcements.removed(removed)] : []),
    ...(restored.length ? [announcements.restored(restored)] : []),
    ...failed.map(({ name, error }) => announcements.failed(name, error ? errorMessages.refused(error) : "")),
    ...QUARTERS.filter((quarter) => before.ratio > 0 && before.ratio < quarter && quarter <= after.ratio)
      .slice(-1)
      .map(announcements.reached),
  ];
}

/**
 * @param {Card} card
 * @param {Map<string, Card>} old
 * @param {string} state
 */
function became({ id, state: now }, old, state) {
  return now === state && old.has(id) && old.get(id)?.state !== state;
}

/** @param {Card[]} cards */
function names(cards) {
  return cards.map(({ name }) => name);
}
