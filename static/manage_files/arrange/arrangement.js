// @ts-check
/**
 * The order of the cards, in both views: moves them by pointer and by key, says where they went, and
 * notices which cards of the window are chosen to go together.
 */

import { MAIN } from "../model/list_id.js";
import { endOf, listOf } from "../model/positions.js";
import * as spokenWords from "../text/announcements.js";
import { Reorder } from "./drag_reorder.js";
import { KeyboardOrder } from "./keyboard_reorder.js";
import { SelectionMode } from "./selection_mode.js";
import { Sorting } from "./sorting.js";
import { NameOffers } from "./variant_suggestions.js";

/**
 * @import { List } from "../model/cards.js"
 * @import { FilesWindow } from "../view/files_dialog.js"
 * @import { InlineView } from "../view/inline_panel.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Place } from "../model/positions.js"
 */

/** @typedef {"toggle"|"range"|"all"} How */

/** @typedef {{list: string, by?: "name"|"time"|"back"}} SortWish by absent: the user has yet to choose */

/** How long a word about another tab stays. */
const NEWS_MS = 6_000;

export class Arranging {
  #live;
  #lists;
  #window;
  #say;
  #onChange;
  #parts;
  #selection;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #news;
  #sorting;
  #offers;

  /**
   * @param {object} wiring
   * @param {HTMLElement} wiring.element
   * @param {LiveDraft} wiring.live
   * @param {InlineView} wiring.inline
   * @param {FilesWindow} wiring.window
   * @param {() => List[]} wiring.lists as they are now
   * @param {(sentence: string) => void} wiring.say
   * @param {() => void} wiring.onChange the selection moved
   */
  constructor({ element, live, inline, window, lists, say, onChange }) {
    this.#live = live;
    this.#window = window;
    this.#lists = lists;
    this.#say = say;
    this.#onChange = onChange;
    live.addEventListener("reordered", () => this.#tellReordered());
    const onDrop = (/** @type {string[]} */ files, /** @type {Place} */ place) => this.move(files, place);
    const onCancel = () => say(spokenWords.MOVE_CANCELLED);
    const page = document.scrollingElement ?? document.documentElement;
    const selection = new SelectionMode({ window, lists, say, onChange });
    this.#selection = selection;
    const together = (/** @type {string} */ file) => selection.together(file);
    this.#sorting = new Sorting((files, list) => live.move(files, { list, after: null }), say);
    this.#offers = new NameOffers([window.lists.element, inline.lists.element], {
      say,
      onDecided: (files, list) => (files.length > 0 ? this.move(files, endOf(this.#list(list))) : onChange()),
    });
    this.#parts = [
      new Reorder(inline.element, page, { together: (file) => [file], onDrop, onCancel, onPress: () => {} }),
      new Reorder(window.element, window.body, {
        together,
        onDrop,
        onCancel,
        onPress: (file) => selection.choose(file, "toggle"),
      }),
      new KeyboardOrder(element, lists),
    ];
  }

  start() {
    for (const part of this.#parts) part.start();
    this.#window.body.addEventListener("click", this.#click, { capture: true });
    this.#window.element.addEventListener("keydown", this.#key);
  }

  stop() {
    for (const part of this.#parts) part.stop();
    this.#window.body.removeEventListener("click", this.#click, { capture: true });
    this.#window.element.removeEventListener("keydown", this.#key);
    clearTimeout(this.#news);
  }

  /** Whether another tab has just changed the order. */
  get isNews() {
    return this.#news !== undefined;
  }

  #tellReordered() {
    this.#say(spokenWords.ORDER_CHANGED);
    clearTimeout(this.#news);
    this.#news = setTimeout(() => {
      this.#news = undefined;
      this.#onChange();
    }, NEWS_MS);
    this.#onChange();
  }

  /** The cards of the window that are chosen. */
  get selected() {
    this.#selection.refresh();
    return this.#selection.files;
  }

  /**
   * @param {string} file
   * @param {How} how
   */
  choose(file, how) {
    this.#selection.choose(file, how);
  }

  /** The lists that were sorted and can be put back. */
  get undoable() {
    return this.#sorting.undoable(this.#lists());
  }

  /**
   * @param {SortWish} wish
   * @param {HTMLElement} opener the button that was pressed
   */
  sort({ list: id, by }, opener) {
    const list = this.#list(id);
    if (by) this.#sorting.sort(list, by);
    else this.#sorting.open(this.#window.menu, opener, list);
  }

  /**
   * Offers to move what is named after a variant.
   * @param {List[]} lists
   */
  offer(lists) {
    this.#offers.render(lists, (file) => this.#live.outbox.fileOf(file) !== null);
  }

  /**
   * @param {string[]} files in the order they shall have
   * @param {Place} place
   */
  move(files, { list, after }) {
    const [file] = files;
    const before = listOf(this.#lists(), file);
    const from = before?.cards.findIndex(({ id }) => id === file) ?? 0;
    this.#live.move(files, { list, after });
    const target = listOf(this.#lists(), file);
    const card = target?.cards.find(({ id }) => id === file);
    if (!before || !target || !card) return;
    const label = list === MAIN ? null : target.label;
    if (files.length > 1) return this.#say(spokenWords.movedTogether(files.length, label, card.place + 1, card.count));
    if (before.id === target.id && card.place === from) return;
    const role = card.place > 0 ? "" : list === MAIN ? "primary" : "cover";
    this.#say(
      before.id === target.id
        ? spokenWords.moved(card.name, from + 1, card.place + 1, card.count, role)
        : spokenWords.movedTo(card.name, label, role),
    );
  }

  /**
   * @param {string} id
   * @returns {List} an empty one, if it is gone
   */
  #list(id) {
    return this.#lists().find((list) => list.id === id) ?? { id, label: "", cards: [] };
  }

  /** @type {(event: MouseEvent) => void} */
  #click = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = cardAt(target);
    if (!card || target.closest("button")) return;
    const isMeant =
      target.closest(".mf-card-select") || event.ctrlKey || event.metaKey || event.shiftKey || this.selected.size > 0;
    if (!isMeant) return;
    // The box shows what is selected, not what was clicked; and nobody else takes this click for something else.
    event.preventDefault();
    event.stopPropagation();
    this.choose(card.dataset.fileId ?? "", event.shiftKey ? "range" : "toggle");
  };

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = cardAt(target);
    const isAll = (event.ctrlKey || event.metaKey) && event.key === "a";
    if (
      isAll &&
      target.closest("dialog") === this.#window.element &&
      !target.closest("textarea, input:not([type=checkbox])")
    ) {
      this.choose(card?.dataset.fileId ?? "", "all");
    } else if (event.key === " " && card === target) {
      this.choose(card.dataset.fileId ?? "", event.shiftKey ? "range" : "toggle");
    } else {
      if (card) this.#selection.key(event, card);
      return;
    }
    event.preventDefault();
  };
}

/**
 * @param {Element} target
 * @returns {HTMLElement|null} the card around it, if it stands in a list
 */
function cardAt(target) {
  return target.closest("[data-droppable] > .mf-card");
}
