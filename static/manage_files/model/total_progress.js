// @ts-check
/**
 * Measures the progress of the current batch: all files uploaded since everything was last complete. It goes backwards
 * only when files are added, and is complete only when all are stored. Pure.
 */
import { CardState, isInProgress, isUnfinished } from "./cards.js";

/** @import { Card } from "./cards.js" */

/** Received bytes fill the bar up to here; the rest follows when the server confirms that they are stored. */
const RECEIVED_SHARE = 0.95;
/** Smoothing of the measured speed: the weight of the latest second. */
const SMOOTHING = 0.25;
const SAMPLE_MS = 1_000;
/** @type {ReadonlySet<string>} states of files that make no further progress */
const LEFT = new Set([CardState.FAILED, CardState.INTERRUPTED]);

/**
 * @typedef {object} Total
 * @property {ReadonlySet<string>} batch file ids
 * @property {number} bytes of the batch
 * @property {number} received bytes
 * @property {number} ratio 0 to 1
 * @property {number} speed bytes per second; 0 if not known yet
 * @property {{at: number, received: number}|null} sample
 */

/** @type {Total} */
export const IDLE = Object.freeze({ batch: new Set(), bytes: 0, received: 0, ratio: 0, speed: 0, sample: null });

/**
 * @param {Total} before
 * @param {Card[]} cards
 * @param {number} now milliseconds
 * @returns {Total}
 */
export function advance(before, cards, now) {
  if (!cards.some(isInProgress)) return IDLE;
  const inBatch = cards.filter((card) => isInProgress(card) || (before.batch.has(card.id) && !LEFT.has(card.state)));
  const batch = new Set(inBatch.map(({ id }) => id));
  const grown = [...batch].some((id) => !before.batch.has(id));
  const bytes = sum(inBatch, ({ size }) => size);
  const received = sum(inBatch, (card) => (isUnfinished(card) ? card.received : card.size));
  const stored = sum(inBatch, (card) => (isUnfinished(card) ? 0 : card.size));
  const ratio = bytes ? (RECEIVED_SHARE * received + (1 - RECEIVED_SHARE) * stored) / bytes : 0;
  return {
    batch,
    bytes,
    received: grown ? received : Math.max(received, Math.min(before.received, bytes)),
    ratio: grown ? ratio : Math.max(ratio, before.ratio),
    ...measured(before, received, now),
  };
}

/**
 * @param {Total} total
 * @returns {number|null} seconds; null if unknown
 */
export function secondsLeft({ bytes, received, speed }) {
  return speed > 0 && received < bytes ? (bytes - received) / speed : null;
}

/**
 * @param {Total} before
 * @param {number} received
 * @param {number} now
 */
function measured({ sample, speed }, received, now) {
  if (!sample || received < sample.received) return { speed, sample: { at: now, received } };
  if (now - sample.at < SAMPLE_MS) return { speed, sample };
  const current = (received - sample.received) / ((now - sample.at) / 1000);
  return { speed: speed ? speed + SMOOTHING * (current - speed) : current, sample: { at: now, received } };
}

/**
 * @param {Card[]} cards
 * @param {(card: Card) => number} of
 */
function sum(cards, of) {
  return cards.reduce((total, card) => total + of(card), 0);
}
