// @ts-check
/**
 * The ⋯ menu of a card: everything dragging can do, by click or key. One menu for each view, since
 * what is not inside an open dialog cannot be used. A native popover: Escape closes it alone.
 */

import { CardState } from "../../model/cards.js";
import { MAIN } from "../../model/list_id.js";
import { endOf, listOf, placesOf } from "../../model/positions.js";
import * as words from "../../text/messages.js";
import { build, button, set } from "../ui/dom.js";
import { status } from "./card.js";
import { intend } from "./card_actions.js";

/**
 * @import { Card as CardData, List } from "../../model/cards.js"
 * @import { Intention } from "./card_actions.js"
 * @import { Place } from "../../model/positions.js"
 */

/** @typedef {{words: string, intention: Intention|null}} Item null: not possible here */

const GAP_PX = 4;
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class CardMenu {
  element = build("div", { class: "mf-menu", popover: "auto" });
  /** @type {HTMLElement|null} */
  #opener = null;

  constructor() {
    this.element.addEventListener("keydown", (event) => this.#key(event));
    this.element.addEventListener("toggle", (event) => this.#toggled(/** @type {ToggleEvent} */ (event)));
  }

  /**
   * @param {HTMLElement} card
   * @param {List[]} lists
   */
  open(card, lists) {
    const file = card.dataset.fileId ?? "";
    const list = listOf(lists, file);
    const data = list?.cards.find(({ id }) => id === file);
    const opener = card.querySelector(".mf-card-more");
    if (!list || !data || !(opener instanceof HTMLElement)) return;
    const note = data.state === CardState.FAILED || data.state === CardState.INTERRUPTED ? status(data) : "";
    this.show({ opener, source: card, label: words.moreFor(data.name), note, items: itemsOf(data, list, lists) });
  }

  /**
   * @param {object} menu
   * @param {HTMLElement} menu.opener the button it belongs to
   * @param {HTMLElement} [menu.source] who wants what is chosen; default: the opener
   * @param {string} menu.label
   * @param {string} [menu.note] a sentence above the items
   * @param {Item[]} menu.items
   */
  show({ opener, source = opener, label, note = "", items }) {
    this.#opener = opener;
    this.element.replaceChildren(
      build("p", { class: "mf-menu-note", hidden: note === "" }, note),
      build("div", { role: "menu", "aria-label": label }, ...items.map((item) => this.#item(source, item))),
    );
    this.element.showPopover();
    this.#place(opener.getBoundingClientRect());
    this.#items()[0]?.focus();
  }

  /**
   * @param {HTMLElement} source
   * @param {Item} item
   */
  #item(source, { words: text, intention }) {
    const attributes = {
      class: "mf-menu-item",
      role: "menuitem",
      tabindex: "-1",
      "aria-disabled": intention ? null : "true",
    };
    return button(
      attributes,
      () => {
        if (!intention) return;
        this.element.hidePopover();
        intend(source, intention);
      },
      text,
    );
  }

  /** @returns {HTMLElement[]} */
  #items() {
    return [...this.element.querySelectorAll(".mf-menu-item:not([aria-disabled])")].map(
      (item) => /** @type {HTMLElement} */ (item),
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = this.#items();
    const index = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const step = STEPS[event.key];
    if (step) items.at((index + step) % items.length)?.focus();
    else if (event.key === "Home") items[0]?.focus();
    else if (event.key === "End") items.at(-1)?.focus();
    else if (event.key === "Tab") this.element.hidePopover();
    else return;
    event.preventDefault();
  }

  /** @param {ToggleEvent} event */
  #toggled({ newState }) {
    const isOpen = newState === "open";
    if (this.#opener) set(this.#opener, "aria-expanded", isOpen ? "true" : null);
    // The popover gives the focus back only on Escape.
    if (!isOpen && document.activeElement === document.body) this.#opener?.focus();
  }

  /** @param {DOMRect} anchor */
  #place(anchor) {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const page = document.documentElement;
    // Within the window, where there is one: half beside it, it would look torn off.
    const frame = (this.element.closest("dialog") ?? page).getBoundingClientRect();
    const isRtl = getComputedStyle(this.element).direction === "rtl";
    const left = isRtl ? anchor.left : anchor.right - width;
    const below = anchor.bottom + GAP_PX;
    const top = below + height > page.clientHeight ? Math.max(GAP_PX, anchor.top - GAP_PX - height) : below;
    this.element.style.left = `${Math.min(Math.max(frame.left + GAP_PX, left), frame.right - width - GAP_PX)}px`;
    this.element.style.top = `${top}px`;
  }
}

/**
 * @param {CardData} card
 * @param {List} list
 * @param {List[]} lists
 * @returns {Item[]}
 */
function itemsOf({ id: file, state, error }, list, lists) {
  const places = placesOf(lists, [file]);
  const move = (/** @type {Place|null} */ place) =>
    place && { kind: /** @type {const} */ ("move"), files: [file], ...place };
  const others = lists.filter((other) => other !== list);
  /** @type {Item[]} */
  const items = [
    { words: words.MOVE_FIRST, intention: move(places.first) },
    { words: words.MOVE_EARLIER, intention: move(places.earlier) },
    { words: words.MOVE_LATER, intention: move(places.later) },
    { words: words.MOVE_LAST, intention: move(places.last) },
    ...others.map((other) => ({
      words: other.id === MAIN ? words.MOVE_TO_PRODUCT : words.moveToVariant(other.label),
      intention: move(endOf(other)),
    })),
    { words: words.SELECT, intention: { kind: "select", file, how: "toggle" } },
    { words: words.LOOK, intention: { kind: "look", file } },
    { words: words.ALT_TEXT, intention: { kind: "describe", file } },
    { words: words.REPLACE, intention: { kind: "replace", file } },
  ];
  if (state === CardState.FAILED && error?.retryable)
    items.unshift({ words: words.RETRY, intention: { kind: "retry", file } });
  if (state === CardState.INTERRUPTED)
    items.unshift({ words: words.CHOOSE_AGAIN, intention: { kind: "choose", file } });
  return items;
}
