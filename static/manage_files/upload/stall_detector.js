// @ts-check
/** Detects uploads that are connected but make no progress. */
import { CardState } from "../model/cards.js";

/** @import { Card } from "../model/cards.js" */

export class StallDetector {
  /** @type {Map<string, {received: number, since: number}>} by uploading file */
  #seen = new Map();
  /** @type {ReadonlySet<string>} */
  #stalled = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #limitMs;
  #onDue;

  /**
   * @param {number} limitMs how long an upload may make no progress
   * @param {() => void} onDue called when another upload may have stalled
   */
  constructor(limitMs, onDue) {
    this.#limitMs = limitMs;
    this.#onDue = onDue;
  }

  /**
   * Marks the cards that have made no progress for too long.
   * @param {Card[]} cards the current cards
   * @param {number} now milliseconds
   * @returns {boolean} whether another one has stalled since the last call
   */
  update(cards, now) {
    const uploading = cards.filter(({ state }) => state === CardState.UPLOADING);
    this.#seen = new Map(
      uploading.map(({ id, received }) => {
        const before = this.#seen.get(id);
        return [id, before?.received === received ? before : { received, since: now }];
      }),
    );
    clearTimeout(this.#timer);
    const dues = [...this.#seen.values()].map(({ since }) => since + this.#limitMs);
    const next = Math.min(...dues.filter((due) => due > now));
    if (Number.isFinite(next)) this.#timer = setTimeout(this.#onDue, next - now);
    const before = this.#stalled;
    this.#stalled = new Set([...this.#seen].filter(([, { since }]) => since + this.#limitMs <= now).map(([id]) => id));
    for (const card of cards) card.stalled = this.#stalled.has(card.id);
    return [...this.#stalled].some((id) => !before.has(id));
  }

  /** @param {string} file */
  isStalled(file) {
    return this.#stalled.has(file);
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
