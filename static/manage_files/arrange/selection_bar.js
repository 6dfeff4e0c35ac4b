// @ts-check
/** Shows how many cards are selected and what can be done with them. It covers the footer, so that nothing moves. */
import { MAIN } from "../model/list_id.js";
import { endOf, listOf, positionsOf } from "../model/positions.js";
import * as messages from "../text/messages.js";
import * as selectionMessages from "../text/selection_messages.js";
import { button, el, setAttr, setText } from "../view/ui/dom.js";
import { icon } from "../view/ui/icons.js";

/**
 * @import { CardMenu, MenuItem } from "../view/card/card_menu.js"
 * @import { List } from "../model/cards.js"
 * @import { Position } from "../model/positions.js"
 */

export class SelectionBar {
  #count = el("strong", { class: "mf-selection-count" });
  #menu;
  #callbacks;
  element;

  /**
   * @param {CardMenu} menu of the dialog
   * @param {object} callbacks
   * @param {() => List[]} callbacks.lists the current lists
   * @param {() => string[]} callbacks.files the selected files, in order
   * @param {() => void} callbacks.onRemove
   * @param {() => void} callbacks.onClear
   */
  constructor(menu, callbacks) {
    this.#menu = menu;
    this.#callbacks = callbacks;
    const move = button(
      { class: "mf-button", "aria-haspopup": "menu" },
      () => this.#open(move),
      selectionMessages.MOVE_TO,
    );
    this.element = el(
      "div",
      { class: "mf-selection", role: "toolbar", "aria-label": selectionMessages.SELECTION, hidden: true },
      this.#count,
      move,
      button({ class: "mf-button" }, callbacks.onRemove, icon("trash"), selectionMessages.REMOVE),
      button({ class: "mf-button mf-button-quiet" }, callbacks.onClear, selectionMessages.CLEAR),
    );
  }

  /** @param {number} count */
  render(count) {
    setAttr(this.element, "hidden", count === 0);
    if (count > 0) setText(this.#count, selectionMessages.selected(count));
  }

  /** @param {HTMLElement} opener */
  #open(opener) {
    this.#menu.show({
      opener,
      label: selectionMessages.MOVE_TO,
      items: menuItems(this.#callbacks.lists(), this.#callbacks.files()),
    });
  }
}

/**
 * Returns the possible moves: within their list, if all are in one, and to the end of every other list.
 * @param {List[]} lists
 * @param {string[]} files
 * @returns {MenuItem[]}
 */
function menuItems(lists, files) {
  const homes = new Set(files.map((file) => listOf(lists, file)));
  const positions = positionsOf(lists, files);
  const move = (/** @type {Position|null} */ position) =>
    position && { kind: /** @type {const} */ ("move"), files, ...position };
  const within =
    homes.size > 1
      ? []
      : [
          { label: messages.MOVE_FIRST, action: move(positions.first) },
          { label: messages.MOVE_EARLIER, action: move(positions.earlier) },
          { label: messages.MOVE_LATER, action: move(positions.later) },
          { label: messages.MOVE_LAST, action: move(positions.last) },
        ];
  const others = lists.filter((list) => homes.size > 1 || !homes.has(list));
  return [
    ...within,
    ...others.map((list) => ({
      label: list.id === MAIN ? messages.MOVE_TO_PRODUCT : messages.moveToVariant(list.label),
      action: move(endOf({ ...list, cards: list.cards.filter(({ id }) => !files.includes(id)) })),
    })),
  ];
}
