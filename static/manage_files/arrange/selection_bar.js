// @ts-check
/** How many cards are selected and what can be done with them. It lies over the footer: nothing moves when it comes. */

import { MAIN } from "../model/list_id.js";
import { endOf, listOf, placesOf } from "../model/positions.js";
import * as words from "../text/messages.js";
import * as own from "../text/selection_messages.js";
import { build, button, set, setText } from "../view/ui/dom.js";
import { icon } from "../view/ui/icons.js";

/**
 * @import { CardMenu, Item } from "../view/card/card_menu.js"
 * @import { List } from "../model/cards.js"
 * @import { Place } from "../model/positions.js"
 */

export class SelectionBar {
  #count = build("strong", { class: "mf-selection-count" });
  #menu;
  #then;
  element;

  /**
   * @param {CardMenu} menu of the window
   * @param {object} then
   * @param {() => List[]} then.lists as they are now
   * @param {() => string[]} then.files that are selected, in order
   * @param {() => void} then.onRemove
   * @param {() => void} then.onClear
   */
  constructor(menu, then) {
    this.#menu = menu;
    this.#then = then;
    const move = button({ class: "mf-button", "aria-haspopup": "menu" }, () => this.#open(move), own.MOVE_TO);
    this.element = build(
      "div",
      { class: "mf-selection", role: "toolbar", "aria-label": own.SELECTION, hidden: true },
      this.#count,
      move,
      button({ class: "mf-button" }, then.onRemove, icon("trash"), own.REMOVE),
      button({ class: "mf-button mf-button-quiet" }, then.onClear, own.CLEAR),
    );
  }

  /** @param {number} count */
  render(count) {
    set(this.element, "hidden", count === 0);
    if (count > 0) setText(this.#count, own.selected(count));
  }

  /** @param {HTMLElement} opener */
  #open(opener) {
    this.#menu.show({ opener, label: own.MOVE_TO, items: itemsOf(this.#then.lists(), this.#then.files()) });
  }
}

/**
 * Within their list if they share one, and to the end of every other.
 * @param {List[]} lists
 * @param {string[]} files
 * @returns {Item[]}
 */
function itemsOf(lists, files) {
  const homes = new Set(files.map((file) => listOf(lists, file)));
  const places = placesOf(lists, files);
  const move = (/** @type {Place|null} */ place) => place && { kind: /** @type {const} */ ("move"), files, ...place };
  const within =
    homes.size > 1
      ? []
      : [
          { words: words.MOVE_FIRST, intention: move(places.first) },
          { words: words.MOVE_EARLIER, intention: move(places.earlier) },
          { words: words.MOVE_LATER, intention: move(places.later) },
          { words: words.MOVE_LAST, intention: move(places.last) },
        ];
  const others = lists.filter((list) => homes.size > 1 || !homes.has(list));
  return [
    ...within,
    ...others.map((list) => ({
      words: list.id === MAIN ? words.MOVE_TO_PRODUCT : words.moveToVariant(list.label),
      intention: move(endOf({ ...list, cards: list.cards.filter(({ id }) => !files.includes(id)) })),
    })),
  ];
}
