// @ts-check
/**
 * Orders the cards of both views by pointer and keyboard, announces each move, and passes clicks and keys to the
 * selection.
 */
import { MAIN } from "../model/list_id.js";
import { endOf, listOf } from "../model/positions.js";
import * as announcements from "../text/announcements.js";
import { DragReorder } from "./drag_reorder.js";
import { KeyboardReorder } from "./keyboard_reorder.js";
import { SelectionMode } from "./selection_mode.js";
import { Sorting } from "./sorting.js";
import { VariantSuggestions } from "./variant_suggestions.js";

/**
 * @import { List } from "../model/cards.js"
 * @import { FilesDialog } from "../view/files_dialog.js"
 * @import { InlinePanel } from "../view/inline_panel.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Position } from "../model/positions.js"
 * @import { UndoHistory } from "./undo_history.js"
 */

/** @typedef {"toggle"|"range"|"all"} SelectHow */

/** @typedef {{list: string, by?: "name"|"time"|"back"}} SortRequest by absent: the user has yet to choose */

/** How long the notice about a change in another tab stays. */
const NOTICE_MS = 6_000;

export class Arrangement {
  #live;
  #undoHistory;
  #lists;
  #dialog;
  #say;
  #onChange;
  #parts;
  #selection;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #noticeTimer;
  #sorting;
  #variantSuggestions;

  /**
   * @param {object} wiring
   * @param {HTMLElement} wiring.element
   * @param {LiveDraft} wiring.live
   * @param {UndoHistory} wiring.undoHistory
   * @param {InlinePanel} wiring.panel
   * @param {FilesDialog} wiring.dialog
   * @param {() => List[]} wiring.lists the current lists
   * @param {(sentence: string) => void} wiring.say
   * @param {() => void} wiring.onChange called when the selection changes
   */
  constructor({ element, live, undoHistory, panel, dialog, lists, say, onChange }) {
    this.#live = live;
    this.#undoHistory = undoHistory;
    this.#dialog = dialog;
    this.#lists = lists;
    this.#say = say;
    this.#onChange = onChange;
    live.addEventListener("reordered", () => this.#announceReordered());
    const onDrop = (/** @type {string[]} */ files, /** @type {Position} */ position) => this.move(files, position);
    const onCancel = () => say(announcements.MOVE_CANCELLED);
    const page = document.scrollingElement ?? document.documentElement;
    const selection = new SelectionMode({ dialog, lists, say, onChange });
    this.#selection = selection;
    const together = (/** @type {string} */ file) => selection.together(file);
    this.#sorting = new Sorting({
      move: (files, list) => live.move(files, { list, after: null }),
      sort: (files, list, sentence) => undoHistory.move("sort", files, { list, after: null }, sentence),
      say,
    });
    this.#variantSuggestions = new VariantSuggestions([dialog.lists.element, panel.lists.element], {
      say,
      onDecided: (files, list) => (files.length > 0 ? this.move(files, endOf(this.#list(list))) : onChange()),
    });
    this.#parts = [
      new DragReorder(panel.element, page, { together: (file) => [file], onDrop, onCancel, onPress: () => {} }),
      new DragReorder(dialog.element, dialog.body, {
        together,
        onDrop,
        onCancel,
        onPress: (file) => selection.select(file, "toggle"),
      }),
      new KeyboardReorder(element, lists),
    ];
  }

  start() {
    for (const part of this.#parts) part.start();
    this.#dialog.body.addEventListener("click", this.#onClick, { capture: true });
    this.#dialog.element.addEventListener("keydown", this.#onKey);
  }

  stop() {
    for (const part of this.#parts) part.stop();
    this.#dialog.body.removeEventListener("click", this.#onClick, { capture: true });
    this.#dialog.element.removeEventListener("keydown", this.#onKey);
    clearTimeout(this.#noticeTimer);
  }

  /** Whether another tab has just changed the order. */
  get isReordered() {
    return this.#noticeTimer !== undefined;
  }

  #announceReordered() {
    this.#say(announcements.ORDER_CHANGED);
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => {
      this.#noticeTimer = undefined;
      this.#onChange();
    }, NOTICE_MS);
    this.#onChange();
  }

  /** The selected cards of the dialog. */
  get selected() {
    this.#selection.refresh();
    return this.#selection.files;
  }

  /**
   * @param {string} file
   * @param {SelectHow} how
   */
  select(file, how) {
    this.#selection.select(file, how);
  }

  /** The lists whose sorting can be undone. */
  get undoable() {
    return this.#sorting.undoable(this.#lists());
  }

  /**
   * @param {SortRequest} request
   * @param {HTMLElement} opener the clicked button
   */
  sort({ list: id, by }, opener) {
    const list = this.#list(id);
    if (by) this.#sorting.sort(list, by);
    else this.#sorting.open(this.#dialog.menu, opener, list);
  }

  /**
   * Suggests moving images that are named after a variant.
   * @param {List[]} lists
   */
  suggest(lists) {
    this.#variantSuggestions.render(lists, (file) => this.#live.uploads.fileOf(file) !== null);
  }

  /**
   * @param {string[]} files in their new order
   * @param {Position} position
   */
  move(files, { list, after }) {
    const [file] = files;
    const before = listOf(this.#lists(), file);
    const from = before?.cards.findIndex(({ id }) => id === file) ?? 0;
    this.#undoHistory.move("move", files, { list, after });
    const target = listOf(this.#lists(), file);
    const card = target?.cards.find(({ id }) => id === file);
    if (!before || !target || !card) return;
    const label = list === MAIN ? null : target.label;
    if (files.length > 1)
      return this.#say(announcements.movedTogether(files.length, label, card.place + 1, card.count));
    if (before.id === target.id && card.place === from) return;
    const role = card.place > 0 ? "" : list === MAIN ? "primary" : "cover";
    this.#say(
      before.id === target.id
        ? announcements.moved(card.name, from + 1, card.place + 1, card.count, role)
        : announcements.movedTo(card.name, label, role),
    );
  }

  /**
   * @param {string} id
   * @returns {List} an empty list if it no longer exists
   */
  #list(id) {
    return this.#lists().find((list) => list.id === id) ?? { id, label: "", cards: [] };
  }

  /** @type {(event: MouseEvent) => void} */
  #onClick = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = cardAt(target);
    if (!card || target.closest("button")) return;
    const isMeant =
      target.closest(".mf-card-select") || event.ctrlKey || event.metaKey || event.shiftKey || this.selected.size > 0;
    if (!isMeant) return;
    // The checkbox shows the selection, not the click, and no other listener may handle this click.
    event.preventDefault();
    event.stopPropagation();
    this.select(card.dataset.fileId ?? "", event.shiftKey ? "range" : "toggle");
  };

  /** @type {(event: KeyboardEvent) => void} */
  #onKey = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = cardAt(target);
    const isAll = (event.ctrlKey || event.metaKey) && event.key === "a";
    if (
      isAll &&
      target.closest("dialog") === this.#dialog.element &&
      !target.closest("textarea, input:not([type=checkbox])")
    ) {
      this.select(card?.dataset.fileId ?? "", "all");
    } else if (event.key === " " && card === target) {
      this.select(card.dataset.fileId ?? "", event.shiftKey ? "range" : "toggle");
    } else {
      if (card) this.#selection.handleKey(event, card);
      return;
    }
    event.preventDefault();
  };
}

/**
 * @param {Element} target
 * @returns {HTMLElement|null} the card that contains it, if it is in a list
 */
function cardAt(target) {
  return target.closest("[data-droppable] > .mf-card");
}
