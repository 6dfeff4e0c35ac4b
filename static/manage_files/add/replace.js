// @ts-check
/**
 * Replaces one file with another. The old one is removed only when the new one is stored, so that a failed upload never
 * costs the product an image.
 */
import { CardState, cards } from "../model/cards.js";

/**
 * @import { Card } from "../model/cards.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 */

export class Replacements {
  #live;

  /** @param {LiveDraft} live lives as long as this object */
  constructor(live) {
    this.#live = live;
    live.addEventListener("change", () => this.#changed());
  }

  /**
   * @param {string} old id of the file to be replaced
   * @param {File} file
   */
  replace(old, file) {
    const card = cards(this.#live.draft).find(({ id }) => id === old);
    if (!card) return;
    const [id] = this.#live.addValidated(this.#live.validate([file]), { list: card.list, after: old });
    if (!id) return;
    if (card.altText) this.#live.describe(id, card.altText);
    this.#live.markReplacing(old, id);
  }

  #changed() {
    const { replacing } = this.#live.draft;
    if (replacing.size === 0) return;
    const all = new Map(cards(this.#live.draft).map((card) => [card.id, card]));
    for (const [old, id] of replacing) {
      const by = all.get(id);
      if (all.has(old) && by && !isFinal(by)) continue;
      this.#live.markReplacing(old, null);
      if (all.has(old) && by?.state === CardState.STORED) this.#live.remove(old);
    }
  }
}

/**
 * Whether the new file has reached a final state.
 * @param {Card} card
 */
function isFinal({ state, error }) {
  return state === CardState.STORED || (state === CardState.FAILED && !error?.retryable);
}
