// @ts-check
/**
 * What the window does while cards are selected: their bar, their keys, and Escape, which ends that
 * before it closes the window.
 */

import { listOf, placesOf } from "../model/positions.js";
import { extended, kept, NOTHING, toggled } from "../model/selection.js";
import { selectedAloud } from "../text/selection_messages.js";
import { INTENTION, intend } from "../view/card/card_actions.js";
import { directionOf } from "../view/reading_direction.js";
import { SelectionBar } from "./selection_bar.js";

/**
 * @import { List } from "../model/cards.js"
 * @import { FilesWindow } from "../view/files_dialog.js"
 * @import { Intention } from "../view/card/card_actions.js"
 * @import { Selection } from "../model/selection.js"
 */

export class SelectionMode {
  #selection = NOTHING;
  #window;
  #lists;
  #say;
  #onChange;
  #bar;

  /**
   * @param {object} wiring
   * @param {FilesWindow} wiring.window
   * @param {() => List[]} wiring.lists as they are now
   * @param {(sentence: string) => void} wiring.say
   * @param {() => void} wiring.onChange
   */
  constructor({ window, lists, say, onChange }) {
    this.#window = window;
    this.#lists = lists;
    this.#say = say;
    this.#onChange = onChange;
    this.#bar = new SelectionBar(window.menu, {
      lists,
      files: () => this.#ordered(),
      onRemove: () => this.#remove(),
      onClear: () => this.clear(),
    });
    this.#bar.element.addEventListener(INTENTION, (event) =>
      this.#intended(/** @type {CustomEvent<Intention>} */ (event).detail),
    );
    window.footer.append(this.#bar.element);
    window.element.addEventListener("cancel", (event) => {
      if (event.target !== window.element || this.#selection.files.size === 0) return;
      event.preventDefault();
      this.clear();
    });
  }

  get files() {
    return this.#selection.files;
  }

  /**
   * What a card takes along: all that is selected, if it is itself.
   * @param {string} file
   */
  together(file) {
    return this.files.has(file) ? this.#ordered() : [file];
  }

  /**
   * @param {string} file
   * @param {"toggle"|"range"|"all"} how
   */
  choose(file, how) {
    const order = this.#order();
    if (how === "all") this.#change({ files: new Set(order), anchor: file });
    else if (how === "range") this.#change(extended(this.#selection, file, order));
    else this.#change(toggled(this.#selection, file));
  }

  clear() {
    const hadFocus = this.#bar.element.contains(document.activeElement);
    const [first] = this.#ordered();
    this.#change(NOTHING);
    if (hadFocus) this.#focus(first);
  }

  /** What another tab removed is selected no longer. */
  refresh() {
    const now = kept(this.#selection, this.#order());
    if (now === this.#selection) return;
    const hadFocus = this.#bar.element.contains(document.activeElement);
    this.#selection = now;
    this.#show();
    if (hadFocus && now.files.size === 0) this.#window.focusFallback();
  }

  /**
   * The keys of a selected card, which mean all that are.
   * @param {KeyboardEvent} event
   * @param {HTMLElement} card
   */
  key(event, card) {
    const file = card.dataset.fileId ?? "";
    if (this.files.size < 2 || !this.files.has(file)) return;
    const direction = event.altKey && directionOf(event.key, card);
    if (direction) {
      const files = this.#ordered();
      const place = placesOf(this.#lists(), files, file)[direction];
      if (place) intend(card, { kind: "move", files, ...place });
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
    // The focus goes first: the element it is on now is about to go.
    this.#focus(behind ?? order.findLast((file) => !this.files.has(file)));
    for (const file of files) intend(this.#window.body, { kind: "remove", file });
  }

  /**
   * Where the menu sends them all to another list, the choice has served its purpose.
   * @param {Intention} intention not yet carried out
   */
  #intended(intention) {
    if (intention.kind !== "move") return;
    const { files, list } = intention;
    if (files.every((file) => listOf(this.#lists(), file)?.id === list)) return;
    this.#selection = NOTHING;
    this.#show();
    this.#focus(files[0]);
  }

  /** @param {Selection} selection */
  #change(selection) {
    this.#selection = selection;
    const { size } = selection.files;
    this.#say(selectedAloud(size));
    this.#show();
  }

  #show() {
    const { size } = this.files;
    this.#window.element.toggleAttribute("data-selecting", size > 0);
    this.#bar.render(size);
    this.#onChange();
  }

  /** @param {string|undefined} file */
  #focus(file) {
    const card = file && this.#window.lists.cardOf(file);
    if (card) card.focus();
    else this.#window.focusFallback();
  }

  #order() {
    return this.#lists().flatMap(({ cards }) => cards.map(({ id }) => id));
  }

  #ordered() {
    return this.#order().filter((file) => this.files.has(file));
  }
}
