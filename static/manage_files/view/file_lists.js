// @ts-check
/**
 * All lists of a draft: the product images, one section per variant row, and the removed files. Keeps the focus in
 * place when a card moves to another list or disappears.
 */
import { MAIN } from "../model/list_id.js";
import * as messages from "../text/messages.js";
import { dispatchAction } from "./card/card_actions.js";
import { FileGrid } from "./file_grid.js";
import { button, el, setAttr, setText } from "./ui/dom.js";
import { icon } from "./ui/icons.js";

/** @import { Card as CardData, List } from "../model/cards.js" */

/** @typedef {{file: string, control: string, neighbour: string, list: string|undefined}} Focus */

const TRAY = "removed";
/** @type {ReadonlySet<string>} */
const NONE = new Set();

export class FileLists {
  /** @type {Map<string, Section>} */
  #sections = new Map();
  #compact;
  element = el("div", { class: "mf-lists" });

  /**
   * @param {{compact: boolean}} options compact: only lists with content, no hints, no removed files
   */
  constructor({ compact }) {
    this.#compact = compact;
  }

  /**
   * @param {{lists: List[], removedCards: CardData[], hint: string, isOpen: boolean, selected: ReadonlySet<string>, undoable:
   *   ReadonlySet<string>}} view hint: the requirements for product images
   * @param {(id: string) => string} previewOf
   */
  render({ lists, removedCards, hint, isOpen, selected, undoable }, previewOf) {
    const focus = this.#focus();
    this.element.inert = !isOpen;
    const shown = this.#compact ? lists.filter(({ id, cards }) => id === MAIN || cards.length > 0) : lists;
    const wanted = shown.map(({ id, label, cards }) => ({
      id,
      cards,
      selected: this.#compact ? NONE : selected,
      title: id === MAIN ? messages.PRODUCT_IMAGES : messages.variant(label),
      hint: id === MAIN ? hint : "",
      empty: id === MAIN ? "" : messages.variantEmpty(label),
      add: id === MAIN ? "" : messages.addTo(label),
      sort: this.#compact || cards.length < 2 ? "" : messages.sortList(id === MAIN ? null : label),
      canPutBack: !this.#compact && undoable.has(id),
      canRestore: false,
      canEmpty: false,
    }));
    if (!this.#compact && removedCards.length > 0) {
      wanted.push({
        id: TRAY,
        cards: removedCards,
        title: messages.REMOVED,
        hint: messages.REMOVED_HINT,
        empty: "",
        add: "",
        sort: "",
        canPutBack: false,
        canRestore: removedCards.length > 1,
        canEmpty: removedCards.some(({ attached }) => !attached),
        selected: NONE,
      });
    }
    this.#keepOnly(new Set(wanted.map(({ id }) => id)));
    wanted.forEach((section, index) => this.#section(section.id, index).render(section, previewOf));
    this.#refocus(focus);
  }

  /**
   * @param {string} file
   * @returns {HTMLElement|null}
   */
  cardOf(file) {
    return this.element.querySelector(`.mf-card[data-file-id="${CSS.escape(file)}"]`);
  }

  /** @param {Set<string>} ids */
  #keepOnly(ids) {
    for (const [id, section] of this.#sections) {
      if (ids.has(id)) continue;
      section.element.remove();
      this.#sections.delete(id);
    }
  }

  /**
   * @param {string} id
   * @param {number} index
   */
  #section(id, index) {
    let section = this.#sections.get(id);
    if (!section) {
      section = new Section(id);
      this.#sections.set(id, section);
    }
    if (this.element.children[index] !== section.element) {
      this.element.insertBefore(section.element, this.element.children[index] ?? null);
    }
    return section;
  }

  /**
   * Returns where the focus is, and where it could go if its card disappears.
   * @returns {Focus|null}
   */
  #focus() {
    const active = document.activeElement;
    const card = active?.closest(".mf-card");
    if (!(card instanceof HTMLElement) || !this.element.contains(card)) return null;
    const neighbour = card.nextElementSibling ?? card.previousElementSibling;
    return {
      file: card.dataset.fileId ?? "",
      control: active === card ? "" : `.${active?.classList[0]}`,
      neighbour: /** @type {HTMLElement|null} */ (neighbour)?.dataset.fileId ?? "",
      list: card.closest("ul")?.dataset.list,
    };
  }

  /** @param {Focus|null} focus */
  #refocus(focus) {
    if (!focus) return;
    const card = this.cardOf(focus.file);
    const stays = card && (card.closest("ul")?.dataset.list === TRAY) === (focus.list === TRAY);
    const target = stays ? card : this.cardOf(focus.neighbour);
    if (target?.contains(document.activeElement)) return;
    const control = stays && focus.control ? target?.querySelector(focus.control) : target;
    if (control instanceof HTMLElement) control.focus({ preventScroll: !stays });
    else this.element.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
  }
}

class Section {
  #id;
  #title = el("h3", { class: "mf-section-title" });
  #hint = el("p", { class: "mf-section-hint" });
  #empty = el("p", { class: "mf-section-empty", hidden: true });
  #grid;
  #sort;
  #back;
  #add;
  #restoreAll;
  #emptyAll;

  /** @param {string} id */
  constructor(id) {
    this.#id = id;
    this.#grid = new FileGrid(id);
    this.#sort = button(
      { class: "mf-button mf-button-quiet mf-section-sort", "aria-haspopup": "menu", hidden: true },
      () => dispatchAction(this.#sort, { kind: "sort", list: id }),
      icon("sort"),
      messages.SORT,
    );
    this.#back = button(
      { class: "mf-button mf-button-quiet mf-section-back", hidden: true },
      () => {
        this.#sort.focus();
        dispatchAction(this.#sort, { kind: "sort", list: id, by: "back" });
      },
      icon("restore"),
      messages.PUT_BACK,
    );
    this.#add = button(
      { class: "mf-button mf-button-quiet mf-section-add", hidden: true },
      () => dispatchAction(this.element, { kind: "add", list: id }),
      icon("add"),
      messages.ADD,
    );
    this.#restoreAll = button(
      { class: "mf-button mf-button-quiet", hidden: true },
      () => dispatchAction(this.element, { kind: "restore-all" }),
      icon("restore"),
      messages.RESTORE_ALL,
    );
    this.#emptyAll = button(
      { class: "mf-button mf-button-quiet", hidden: true },
      () => dispatchAction(this.element, { kind: "empty" }),
      icon("trash"),
      messages.EMPTY_REMOVED,
    );
    const buttons = [this.#back, this.#sort, this.#add, this.#restoreAll, this.#emptyAll];
    this.element = el(
      "section",
      { class: "mf-section", "data-section": id },
      el("div", { class: "mf-section-bar" }, this.#title, this.#hint, ...buttons),
      this.#grid.element,
      this.#empty,
    );
  }

  /**
   * @param {{title: string, hint: string, empty: string, add: string, sort: string, canPutBack: boolean,
   *   canRestore: boolean, canEmpty: boolean, cards: CardData[], selected: ReadonlySet<string>}} section
   * @param {(id: string) => string} previewOf
   */
  render({ title, hint, empty, add, sort, canPutBack, canRestore, canEmpty, cards, selected }, previewOf) {
    setText(this.#title, title);
    setText(this.#hint, hint);
    setText(this.#empty, empty);
    setAttr(this.#hint, "hidden", hint === "");
    setAttr(this.#empty, "hidden", empty === "" || cards.length > 0);
    setAttr(this.#add, "hidden", add === "");
    setAttr(this.#sort, "hidden", sort === "");
    setAttr(this.#sort, "aria-label", sort);
    setAttr(this.#back, "hidden", !canPutBack);
    setAttr(this.#restoreAll, "hidden", !canRestore);
    setAttr(this.#emptyAll, "hidden", !canEmpty);
    setAttr(this.#add, "aria-label", add || null);
    // Screen readers announce an empty list in confusing ways; the sentence shown instead says what it is for.
    setAttr(this.#grid.element, "role", cards.length > 0 ? "list" : "none");
    setAttr(this.#grid.element, "aria-label", cards.length > 0 ? title : null);
    setAttr(this.#grid.element, "data-droppable", this.#id !== TRAY);
    this.#grid.render(cards, previewOf, selected);
  }
}
