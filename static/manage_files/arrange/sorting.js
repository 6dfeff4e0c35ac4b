// @ts-check
/** Sorts a list in one move, and undoes that as long as nothing else has changed the order. */
import { gettext, interpolate } from "../text/gettext.js";
import * as messages from "../text/messages.js";

/**
 * @import { CardMenu } from "../view/card/card_menu.js"
 * @import { Card, List } from "../model/cards.js"
 */

const BY_NAME = gettext("Sort by name");
const BY_TIME = gettext("Sort by time taken");
const PUT_BACK = gettext("Order put back.");
/** @type {Record<string, string>} */
const SORTED = { name: gettext("%(list)s sorted by name."), time: gettext("%(list)s sorted by time taken.") };

/** Natural order: 2 before 10, upper and lower case alike. */
const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** @type {Record<string, (one: Card, other: Card) => number>} equal cards keep their order */
const ORDERS = {
  name: (one, other) => compare(one.name, other.name),
  time: (one, other) => rank(one) - rank(other) || 0,
};

export class Sorting {
  /** @type {Map<string, {before: string[], after: string[]}>} by list */
  #done = new Map();
  #move;
  #sort;
  #say;

  /**
   * @param {object} wiring
   * @param {(files: string[], list: string) => void} wiring.move puts all files of a list into this order
   * @param {(files: string[], list: string, sentence: string) => void} wiring.sort does the same, but can be undone
   * @param {(sentence: string) => void} wiring.say
   */
  constructor({ move, sort, say }) {
    this.#move = move;
    this.#sort = sort;
    this.#say = say;
  }

  /**
   * @param {CardMenu} menu
   * @param {HTMLElement} opener
   * @param {List} list
   */
  open(menu, opener, { id, label, cards }) {
    const by = (/** @type {"name"|"time"} */ kind) => ({ kind: /** @type {const} */ ("sort"), list: id, by: kind });
    const isDated = cards.some(({ takenAt }) => takenAt !== null);
    menu.show({
      opener,
      label: messages.sortList(id === "" ? null : label),
      items: [
        { label: BY_NAME, action: by("name") },
        { label: BY_TIME, action: isDated ? by("time") : null },
      ],
    });
  }

  /**
   * @param {List} list
   * @param {"name"|"time"|"back"} by
   */
  sort({ id, label, cards }, by) {
    const before = cards.map((card) => card.id);
    const after = by === "back" ? (this.#done.get(id)?.before ?? before) : sortedIds(cards, by);
    const list = id === "" ? messages.PRODUCT_IMAGES : messages.variant(label);
    const sentence = by === "back" ? PUT_BACK : interpolate(SORTED[by], { list });
    if (by === "back") {
      this.#done.delete(id);
      this.#move(after, id);
    } else if (!isEqual(before, after)) {
      this.#done.set(id, { before, after });
      this.#sort(after, id, sentence);
    }
    this.#say(sentence);
  }

  /**
   * Returns the lists that are still in sorted order.
   * @param {List[]} lists
   * @returns {ReadonlySet<string>}
   */
  undoable(lists) {
    const same = lists.filter(({ id, cards }) =>
      isEqual(
        this.#done.get(id)?.after ?? [],
        cards.map((card) => card.id),
      ),
    );
    for (const id of this.#done.keys()) if (!same.some((list) => list.id === id)) this.#done.delete(id);
    return new Set([...this.#done.keys()]);
  }
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
function isEqual(one, other) {
  return one.length === other.length && one.every((id, index) => id === other[index]);
}

/**
 * @param {readonly Card[]} cards
 * @param {"name"|"time"} by time: when taken; unknown times last
 * @returns {string[]} the ids of the files
 */
export function sortedIds(cards, by) {
  return cards.toSorted(ORDERS[by]).map(({ id }) => id);
}

/** @param {Card} card */
function rank({ takenAt }) {
  return takenAt ?? Number.MAX_SAFE_INTEGER;
}
