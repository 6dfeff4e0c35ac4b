// @ts-check
/**
 * The ⋯ menu of a card: everything dragging can do, by click or key. One menu per view, because nothing outside an open
 * dialog can be used. A native popover: Escape closes only the menu.
 */
import { CardState } from "../../model/cards.js";
import { MAIN } from "../../model/list_id.js";
import { endOf, listOf, positionsOf } from "../../model/positions.js";
import * as messages from "../../text/messages.js";
import { button, el, setAttr } from "../ui/dom.js";
import { status } from "./card.js";
import { dispatchAction } from "./card_actions.js";

/**
 * @import { Card as CardData, List } from "../../model/cards.js"
 * @import { UiAction } from "./card_actions.js"
 * @import { Position } from "../../model/positions.js"
 */

/** @typedef {{label: string, action: UiAction|null}} MenuItem null: not possible here */

const GAP_PX = 4;
/** @type {Record<string, number>} */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

export class CardMenu {
  element = el("div", { class: "mf-menu", popover: "auto" });
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
    this.show({ opener, source: card, label: messages.moreFor(data.name), note, items: itemsOf(data, list, lists) });
  }

  /**
   * @param {object} menu
   * @param {HTMLElement} menu.opener the button it belongs to
   * @param {HTMLElement} [menu.source] dispatches the chosen action; default: the opener
   * @param {string} menu.label
   * @param {string} [menu.note] a sentence above the items
   * @param {MenuItem[]} menu.items
   */
  show({ opener, source = opener, label, note = "", items }) {
    this.#opener = opener;
    this.element.replaceChildren(
      el("p", { class: "mf-menu-note", hidden: note === "" }, note),
      el("div", { role: "menu", "aria-label": label }, ...items.map((item) => this.#item(source, item))),
    );
    this.element.showPopover();
    this.#place(opener.getBoundingClientRect());
    this.#items()[0]?.focus();
  }

  /**
   * @param {HTMLElement} source
   * @param {MenuItem} item
   */
  #item(source, { label, action }) {
    const attributes = {
      class: "mf-menu-item",
      role: "menuitem",
      tabindex: "-1",
      "aria-disabled": action ? null : "true",
    };
    return button(
      attributes,
      () => {
        if (!action) return;
        this.element.hidePopover();
        dispatchAction(source, action);
      },
      label,
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
    if (this.#opener) setAttr(this.#opener, "aria-expanded", isOpen ? "true" : null);
    // A popover restores the focus only on Escape.
    if (!isOpen && document.activeElement === document.body) this.#opener?.focus();
  }

  /** @param {DOMRect} anchor */
  #place(anchor) {
    const { offsetWidth: width, offsetHeight: height } = this.element;
    const page = document.documentElement;
    // Inside the dialog, if there is one: a menu that overlaps its edge looks detached.
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
 * @returns {MenuItem[]}
 */
function itemsOf({ id: file, state, error }, list, lists) {
  const positions = positionsOf(lists, [file]);
  const move = (/** @type {Position|null} */ position) =>
    position && { kind: /** @type {const} */ ("move"), files: [file], ...position };
  const others = lists.filter((other) => other !== list);
  /** @type {MenuItem[]} */
  const items = [
    { label: messages.MOVE_FIRST, action: move(positions.first) },
    { label: messages.MOVE_EARLIER, action: move(positions.earlier) },
    { label: messages.MOVE_LATER, action: move(positions.later) },
    { label: messages.MOVE_LAST, action: move(positions.last) },
    ...others.map((other) => ({
      label: other.id === MAIN ? messages.MOVE_TO_PRODUCT : messages.moveToVariant(other.label),
      action: move(endOf(other)),
    })),
    { label: messages.SELECT, action: { kind: "select", file, how: "toggle" } },
    { label: messages.LOOK, action: { kind: "look", file } },
    { label: messages.ALT_TEXT, action: { kind: "describe", file } },
    { label: messages.REPLACE, action: { kind: "replace", file } },
  ];
  if (state === CardState.FAILED && error?.retryable)
    items.unshift({ label: messages.RETRY, action: { kind: "retry", file } });
  if (state === CardState.INTERRUPTED)
    items.unshift({ label: messages.CHOOSE_AGAIN, action: { kind: "choose", file } });
  return items;
}
