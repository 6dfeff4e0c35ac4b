// @ts-check
/**
 * The order of the cards, in both views: moves them by pointer and by key, says where they went, and
 * notices which cards of the window are chosen to go together. What that takes is loaded when it happens.
 */
import { KeyboardOrder } from "./keyboard_reorder.js";
import { MAIN } from "../model/list_id.js";
import { endOf, listOf } from "../model/positions.js";
import { Reorder } from "./drag_reorder.js";
import * as spokenWords from "../text/announcements.js";
import * as words from "../text/messages.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { List } from "../model/cards.js"
 * @import { FilesWindow } from "../view/files_dialog.js"
 * @import { InlineView } from "../view/inline_panel.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { NameOffers } from "./variant_suggestions.js"
 * @import { Place } from "../model/positions.js"
 * @import { SelectionMode } from "./selection_mode.js"
 * @import { Sorting } from "./sorting.js"
 */

/** @typedef {"toggle"|"range"|"all"} How */

/** @typedef {{list: string, by?: "name"|"time"|"back"}} SortWish by absent: the user has yet to choose */

/** How long a word about another tab stays. */
const NEWS_MS = 6_000;

/** @type {ReadonlySet<string>} */
const NONE = new Set();

export class Arranging {
  #live;
  #inline;
  #lists;
  #window;
  #say;
  #tell;
  #onChange;
  #parts;
  /** @type {SelectionMode|null} */
  #mode = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #news;
  /** @type {Sorting|null} */
  #sorting = null;
  /** @type {NameOffers|null} */
  #offers = null;
  /** Whether they were asked for; where that fails, nothing is missed. */
  #isOffering = false;

  /**
   * @param {object} wiring
   * @param {HTMLElement} wiring.element
   * @param {LiveDraft} wiring.live
   * @param {InlineView} wiring.inline
   * @param {FilesWindow} wiring.window
   * @param {() => List[]} wiring.lists as they are now
   * @param {(sentence: string) => void} wiring.say
   * @param {(problems: Problem[]) => void} wiring.tell
   * @param {() => void} wiring.onChange the selection moved
   */
  constructor({ element, live, inline, window, lists, say, tell, onChange }) {
    this.#live = live;
    this.#inline = inline;
    this.#window = window;
    this.#lists = lists;
    this.#say = say;
    this.#tell = tell;
    this.#onChange = onChange;
    live.addEventListener("reordered", () => this.#tellReordered());
    const onDrop = (/** @type {string[]} */ files, /** @type {Place} */ place) => this.move(files, place);
    const onCancel = () => say(spokenWords.MOVE_CANCELLED);
    const page = document.scrollingElement ?? document.documentElement;
    const together = (/** @type {string} */ file) => this.#mode?.together(file) ?? [file];
    this.#parts = [
      new Reorder(inline.element, page, { together: (file) => [file], onDrop, onCancel, onPress: () => {} }),
      new Reorder(window.element, window.body, { together, onDrop, onCancel, onPress: (file) => this.choose(file, "toggle") }),
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
    this.#mode?.refresh();
    return this.#mode?.files ?? NONE;
  }

  /**
   * @param {string} file
   * @param {How} how
   */
  async choose(file, how) {
    try {
      const { SelectionMode } = await import("./selection_mode.js");
      this.#mode ??= new SelectionMode({ window: this.#window, lists: this.#lists, say: this.#say, onChange: this.#onChange });
      this.#mode.choose(file, how);
    } catch {
      this.#tell([{ name: "", message: words.NOT_LOADED, isChange: true }]);
    }
  }

  /** The lists that were sorted and can be put back. */
  get undoable() {
    return this.#sorting?.undoable(this.#lists()) ?? NONE;
  }

  /**
   * @param {SortWish} wish
   * @param {HTMLElement} opener the button that was pressed
   */
  async sort({ list: id, by }, opener) {
    try {
      const { Sorting } = await import("./sorting.js");
      this.#sorting ??= new Sorting((files, list) => this.#live.move(files, { list, after: null }), this.#say);
    } catch {
      return this.#tell([{ name: "", message: words.NOT_LOADED, isChange: true }]);
    }
    const list = this.#list(id);
    if (by) this.#sorting.sort(list, by);
    else this.#sorting.open(this.#window.menu, opener, list);
  }

  /**
   * Offers to move what is named after a variant.
   * @param {List[]} lists
   */
  offer(lists) {
    const isMine = (/** @type {string} */ file) => this.#live.outbox.fileOf(file) !== null;
    this.#offers?.render(lists, isMine);
    if (this.#isOffering || !lists.some(({ id, label }) => id !== MAIN && label.trim()) || !lists[0].cards.some(({ id }) => isMine(id))) return;
    this.#isOffering = true;
    import("./variant_suggestions.js").then(({ NameOffers }) => {
      this.#offers = new NameOffers([this.#window.lists.element, this.#inline.lists.element], {
        say: this.#say,
        onDecided: (files, list) => (files.length > 0 ? this.move(files, endOf(this.#list(list))) : this.#onChange()),
      });
      this.#onChange();
    }, () => {});
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
    this.#say(before.id === target.id
      ? spokenWords.moved(card.name, from + 1, card.place + 1, card.count, role)
      : spokenWords.movedTo(card.name, label, role));
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
    const isMeant = target.closest(".mf-card-select") || event.ctrlKey || event.metaKey || event.shiftKey || this.selected.size > 0;
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
    if (isAll && target.closest("dialog") === this.#window.element && !target.closest("textarea, input:not([type=checkbox])")) {
      this.choose(card?.dataset.fileId ?? "", "all");
    } else if (event.key === " " && card === target) {
      this.choose(card.dataset.fileId ?? "", event.shiftKey ? "range" : "toggle");
    } else {
      if (card) this.#mode?.key(event, card);
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
