// @ts-check
/**
 * Handles the selection of cards in the dialog: the toolbar, the keys, and Escape, which clears the selection before
 * it closes the dialog.
 */
import { listOf, positionsOf } from "../model/positions.js";
import { EMPTY_SELECTION, extendSelection, pruneSelection, toggleFile } from "../model/selection.js";
import { announceSelected } from "../text/selection_messages.js";
import { ACTION, dispatchAction } from "../view/card/card_actions.js";
import { directionOf } from "../view/reading_direction.js";
import { SelectionBar } from "./selection_bar.js";

/**
 * @import { List } from "../model/cards.js"
 * @import { FilesDialog } from "../view/files_dialog.js"
 * @import { UiAction } from "../view/card/card_actions.js"
 * @import { Selection } from "../model/selection.js"
 */

export class SelectionMode {
  #selection = EMPTY_SELECTION;
  #dialog;
  #lists;
  #say;
  #onChange;
  #bar;

  /**
   * @param {object} wiring
   * @param {FilesDialog} wiring.dialog
   * @param {() => List[]} wiring.lists the current lists
   * @param {(sentence: string) => void} wiring.say
   * @param {() => void} wiring.onChange
   */
  constructor({ dialog, lists, say, onChange }) {
    this.#dialog = dialog;
    this.#lists = lists;
    this.#say = say;
    this.#onChange = onChange;
    this.#bar = new SelectionBar(dialog.menu, {
      lists,
      files: () => this.#ordered(),
      onRemove: () => this.#remove(),
      onClear: () => this.clear(),
    });
    this.#bar.element.addEventListener(ACTION, (event) =>
      this.#onAction(/** @type {CustomEvent<UiAction>} */ (event).detail),
    );
    dialog.footer.append(this.#bar.element);
    dialog.element.addEventListener("cancel", (event) => {
      if (event.target !== dialog.element || this.#selection.files.size === 0) return;
      event.preventDefault();
      this.clear();
    });
  }

  get files() {
    return this.#selection.files;
  }

  /**
   * Returns the cards that move with this one: all selected ones, if it is one of them.
   * @param {string} file
   */
  together(file) {
    return this.files.has(file) ? this.#ordered() : [file];
  }

  /**
   * @param {string} file
   * @param {"toggle"|"range"|"all"} how
   */
  select(file, how) {
    const order = this.#order();
    if (how === "all") this.#change({ files: new Set(order), anchor: file });
    else if (how === "range") this.#change(extendSelection(this.#selection, file, order));
    else this.#change(toggleFile(this.#selection, file));
  }

  clear() {
    const hadFocus = this.#bar.element.contains(document.activeElement);
    const [first] = this.#ordered();
    this.#change(EMPTY_SELECTION);
    if (hadFocus) this.#focus(first);
  }

  /** Drops cards that another tab has removed. */
  refresh() {
    const now = pruneSelection(this.#selection, this.#order());
    if (now === this.#selection) return;
    const hadFocus = this.#bar.element.contains(document.activeElement);
    this.#selection = now;
    this.#show();
    if (hadFocus && now.files.size === 0) this.#dialog.focusFallback();
  }

  /**
   * Handles the keys of a selected card, which apply to all selected ones.
   * @param {KeyboardEvent} event
   * @param {HTMLElement} card
   */
  handleKey(event, card) {
    const file = card.dataset.fileId ?? "";
    if (this.files.size < 2 || !this.files.has(file)) return;
    const direction = event.altKey && directionOf(event.key, card);
    if (direction) {
      const files = this.#ordered();
      const position = positionsOf(this.#lists(), files, file)[direction];
      if (position) dispatchAction(card, { kind: "move", files, ...position });
    } else if (event.key === "Delete" && event.target === card) {
      this.#remove();
    } else {
      return;
    }
    event.preventDefault();
  }

  #remove() {
    const files = this.#ordered();
    const order = this.#order();
    const behind = order.slice(order.indexOf(files[files.length - 1]) + 1)[0];
    // Move the focus first, because the focused element is about to be removed.
    this.#focus(behind ?? order.findLast((file) => !this.files.has(file)));
    dispatchAction(this.#dialog.body, { kind: "remove-all", files });
  }

  /**
   * Clears the selection if the menu moves all of it to another list.
   * @param {UiAction} action not carried out yet
   */
  #onAction(action) {
    if (action.kind !== "move") return;
    const { files, list } = action;
    if (files.every((file) => listOf(this.#lists(), file)?.id === list)) return;
    this.#selection = EMPTY_SELECTION;
    this.#show();
    this.#focus(files[0]);
  }

  /** @param {Selection} selection */
  #change(selection) {
    this.#selection = selection;
    const { size } = selection.files;
    this.#say(announceSelected(size));
    this.#show();
  }

  #show() {
    const { size } = this.files;
    this.#dialog.element.toggleAttribute("data-selecting", size > 0);
    this.#bar.render(size);
    this.#onChange();
  }

  /** @param {string|undefined} file */
  #focus(file) {
    const card = file && this.#dialog.lists.cardOf(file);
    if (card) card.focus();
    else this.#dialog.focusFallback();
  }

  #order() {
    return this.#lists().flatMap(({ cards }) => cards.map(({ id }) => id));
  }

  #ordered() {
    return this.#order().filter((file) => this.files.has(file));
  }
}
