// @ts-check
/**
 * Handles the keys of a card: Alt with an arrow, Home or End moves it; an arrow alone moves the focus; Delete removes
 * it; Enter opens the lightbox. Left and right follow the reading direction.
 */
import { positionsOf } from "../model/positions.js";
import { dispatchAction } from "../view/card/card_actions.js";
import { directionOf } from "../view/reading_direction.js";

/**
 * @import { List } from "../model/cards.js"
 * @import { Direction } from "../model/positions.js"
 */

export class KeyboardReorder {
  #root;
  #lists;
  #started = false;

  /**
   * @param {HTMLElement} root
   * @param {() => List[]} lists the current lists
   */
  constructor(root, lists) {
    this.#root = root;
    this.#lists = lists;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#root.addEventListener("keydown", this.#key);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    this.#root.removeEventListener("keydown", this.#key);
  }

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = target.closest(".mf-card");
    if (!(card instanceof HTMLElement) || event.defaultPrevented) return;
    const direction = directionOf(event.key, card);
    if (event.altKey && direction) this.#move(card, direction);
    else if (event.altKey || event.ctrlKey || event.metaKey || target !== card) return;
    else if (direction) neighbour(card, direction)?.focus();
    else if (event.key === "Delete") this.#press(card, ".mf-card-remove");
    else if (event.key === "Enter") dispatchAction(card, { kind: "look", file: card.dataset.fileId ?? "" });
    else return;
    event.preventDefault();
  };

  /**
   * @param {HTMLElement} card
   * @param {Direction} direction
   */
  #move(card, direction) {
    const file = card.dataset.fileId ?? "";
    const position = positionsOf(this.#lists(), [file])[direction];
    if (position) dispatchAction(card, { kind: "move", files: [file], ...position });
  }

  /**
   * @param {HTMLElement} card
   * @param {string} button
   */
  #press(card, button) {
    /** @type {HTMLElement|null} */ (card.querySelector(button))?.click();
  }
}

/**
 * @param {HTMLElement} card
 * @param {Direction} direction
 */
function neighbour(card, direction) {
  const siblings = card.parentElement?.children;
  const found = {
    first: siblings?.[0],
    earlier: card.previousElementSibling,
    later: card.nextElementSibling,
    last: siblings?.[siblings.length - 1],
  }[direction];
  return /** @type {HTMLElement|null|undefined} */ (found);
}
