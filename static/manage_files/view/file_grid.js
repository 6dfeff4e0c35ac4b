// @ts-check
/**
 * An ordered list of cards, updated by key: a card that stays keeps its element, its image and its focus, and a
 * progress event touches only one card.
 */
import { Card } from "./card/card.js";
import { el } from "./ui/dom.js";

/** @import { Card as CardData } from "../model/cards.js" */

export class FileGrid {
  /** @type {Map<string, Card>} */
  #cards = new Map();

  /** @param {string} list the id of the list it shows */
  constructor(list) {
    this.element = el("ul", { class: "mf-grid", "data-list": list });
  }

  /**
   * @param {CardData[]} cards
   * @param {(id: string) => string} previewOf
   * @param {ReadonlySet<string>} selected
   */
  render(cards, previewOf, selected) {
    const wanted = new Set(cards.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (wanted.has(id)) continue;
      card.element.remove();
      this.#cards.delete(id);
    }
    let cursor = this.element.firstElementChild;
    for (const data of cards) {
      const { element } = this.#updated(data, previewOf, selected.has(data.id));
      if (element === cursor) {
        cursor = cursor.nextElementSibling;
      } else if (cursor && cursor.nextElementSibling === element) {
        // The card at the cursor moves down: one move instead of one for every card it passes.
        const next = element.nextElementSibling;
        place(this.element, cursor, null);
        cursor = next;
      } else {
        place(this.element, element, cursor);
      }
    }
  }

  /**
   * @param {CardData} data
   * @param {(id: string) => string} previewOf
   * @param {boolean} selected
   */
  #updated(data, previewOf, selected) {
    let card = this.#cards.get(data.id);
    if (!card) {
      card = new Card(data.id);
      this.#cards.set(data.id, card);
    }
    card.update(data, previewOf(data.id), selected);
    return card;
  }
}

/**
 * @param {Element} parent
 * @param {Element} element
 * @param {Element|null} before
 */
function place(parent, element, before) {
  // `insertBefore` drops the focus of what it moves; `moveBefore` keeps it, where it exists.
  if (element.parentNode === parent && "moveBefore" in parent) {
    /** @type {any} */ (parent).moveBefore(element, before);
    return;
  }
  const focused = element.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement) : null;
  parent.insertBefore(element, before);
  focused?.focus({ preventScroll: true });
}
