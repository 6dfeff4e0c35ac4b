// @ts-check
/**
 * Keeps the variant rows of the form and of the draft in sync: rows added and removed here go to the server, those of
 * other tabs come in. A focused row is never removed. The labels of the rows are text: see `autosave.js`.
 */
import { lists } from "../model/cards.js";
import { contestedRows, mergeRows, sameRows } from "../model/form/variant_merge.js";
import * as messages from "../text/form_messages.js";
import { reconnectDelay } from "../transport/backoff.js";
import { newVariantId } from "../transport/ids.js";
import { Code } from "../transport/protocol.js";
import { DraftEndedError, RefusedError } from "../transport/requests.js";
import { button, el } from "../view/ui/dom.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Row } from "../model/form/variant_merge.js"
 * @import { RemovedRow } from "../arrange/undo_history.js"
 */

/** @typedef {{base: Row[]|null, mine: Row[]}} RowEdits rows as they are now, and as they were when we last agreed */

const DEBOUNCE_MS = 400;
/** Each concurrent edit in another tab costs one attempt; a tab that loses more often backs off. */
const QUICK_TRIES = 5;

export class VariantRows {
  /** @type {Row[]|null} the rows on which server and form last agreed; null before the first snapshot */
  #base = null;
  /** The revision that contains our last edit; older snapshots are ignored. */
  #agreed = 0;
  #dirty = false;
  /** @type {Promise<void>|null} */
  #sending = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  #started = false;
  #form;
  #container;
  #template;
  #live;
  #say;
  #onRemoved;

  /**
   * @param {object} parts
   * @param {HTMLFormElement} parts.form
   * @param {HTMLElement} parts.container
   * @param {HTMLTemplateElement} parts.template
   * @param {LiveDraft} parts.live
   * @param {(sentence: string) => void} parts.say
   * @param {(removed: RemovedRow) => void} parts.onRemoved called when the user removed a row
   */
  constructor({ form, container, template, live, say, onRemoved }) {
    this.#form = form;
    this.#container = container;
    this.#template = template;
    this.#live = live;
    this.#say = say;
    this.#onRemoved = onRemoved;
  }

  /** @param {RowEdits|null} [saved] edits made before a reload */
  start(saved = null) {
    if (this.#started) return;
    this.#started = true;
    this.#form.addEventListener("click", this.#clicked);
    this.#form.addEventListener("input", this.#typed);
    this.#form.addEventListener("change", this.#left);
    this.#form.addEventListener("focusout", this.#focusLeft);
    this.#live.addEventListener("change", this.#changed);
    if (!saved) return;
    this.#base = saved.base;
    this.#write(saved.mine);
    this.#edited();
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    clearTimeout(this.#timer);
    this.#form.removeEventListener("click", this.#clicked);
    this.#form.removeEventListener("input", this.#typed);
    this.#form.removeEventListener("change", this.#left);
    this.#form.removeEventListener("focusout", this.#focusLeft);
    this.#live.removeEventListener("change", this.#changed);
  }

  /** Whether the server may not have the rows yet. */
  get isPending() {
    return this.#dirty || this.#sending !== null;
  }

  /** @returns {RowEdits} */
  get edits() {
    return { base: this.#base, mine: this.#shown() };
  }

  /**
   * Adds the missing rows.
   * @param {Row[]} rows
   */
  addRows(rows) {
    const mine = this.#shown();
    const here = new Set(mine.map(({ temp_id }) => temp_id));
    const missing = rows.filter(({ temp_id }) => !here.has(temp_id));
    if (missing.length === 0) return;
    this.#write([...mine, ...missing]);
    this.#edited();
  }

  /**
   * Restores a removed row to its position; resolves when the server has it.
   * @param {Row} row
   * @param {number} index
   */
  async restore(row, index) {
    const mine = this.#shown();
    if (mine.some(({ temp_id }) => temp_id === row.temp_id)) return;
    this.#write(mine.toSpliced(index, 0, row));
    this.#edited();
    await this.flush();
  }

  /** Sends pending edits; resolves when the server has them, or when the draft has ended. */
  async flush() {
    clearTimeout(this.#timer);
    while (this.#dirty || this.#sending) await (this.#sending ?? this.#send());
  }

  /** @type {(event: Event) => void} */
  #clicked = (event) => {
    const target = /** @type {Element} */ (event.target);
    const row = target.closest("[data-variant-row]");
    if (target.closest("[data-variant-add]")) this.#add();
    else if (target.closest("[data-variant-remove]") && row instanceof HTMLElement) this.#remove(row);
  };

  /** @type {(event: Event) => void} */
  #typed = (event) => {
    const label = /** @type {Element} */ (event.target);
    if (!label.matches("[data-variant-label]")) return;
    const row = label.closest("[data-variant-row]");
    // Edited here after another tab removed it, so it stays.
    if (row instanceof HTMLElement && "leaving" in row.dataset) {
      delete row.dataset.leaving;
      this.#mark(row, "removed");
    } else if (this.#labelsAreText) return;
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), DEBOUNCE_MS);
  };

  /**
   * Sends the name at once, so that the dialog shows it when it opens next.
   * @type {(event: Event) => void}
   */
  #left = ({ target }) => {
    if (this.#dirty && /** @type {Element} */ (target).matches("[data-variant-label]")) this.flush();
  };

  /** Updates a row that was waiting to lose the focus. */
  #focusLeft = () => {
    setTimeout(() => {
      for (const row of this.#allRows()) if ("leaving" in row.dataset && !isIn(row)) row.remove();
    });
  };

  /** Whether labels are sent as text of the form; a server of the previous version gets them with the rows. */
  get #labelsAreText() {
    return this.#live.draft.snapshot?.fields !== undefined;
  }

  #changed = () => {
    const { snapshot } = this.#live.draft;
    if (!snapshot || this.#dirty || this.#sending || snapshot.revision < this.#agreed) return;
    const theirs = snapshot.variants;
    if (this.#base && sameRows(this.#base, theirs)) return;
    // Rows that the page has and the draft does not (its first row, for example) count as added here.
    const merged = this.#take(this.#base ?? [], theirs);
    if (!sameIds(merged, theirs)) this.#edited();
  };

  #add() {
    const row = this.#newRow({ temp_id: newVariantId(), label: "" });
    this.#container.append(row);
    labelOf(row)?.focus();
    this.#edited();
  }

  /**
   * Applies this tab's edits to the rows of the other tabs, and shows the result.
   * @param {Row[]} base
   * @param {Row[]} theirs
   */
  #take(base, theirs) {
    const mine = this.#shown();
    const merged = mergeRows(base, mine, theirs);
    const contested = contestedRows(base, mine, theirs);
    const stay = new Set(merged.map(({ temp_id }) => temp_id));
    for (const { temp_id, label } of mine)
      if (!stay.has(temp_id) && label) this.#say(messages.rowRemovedElsewhere(label));
    this.#base = theirs;
    this.#write(merged);
    for (const row of this.#rows()) {
      const what = contested.get(row.dataset.tempId ?? "");
      if (what) this.#mark(row, what);
    }
    return merged;
  }

  /**
   * Reports that another tab removed a row that was edited here, or the reverse.
   * @param {HTMLElement} row
   * @param {"removed"|"changed"} what
   */
  #mark(row, what) {
    if (row.querySelector("[data-row-note]")) return;
    const sentence = what === "removed" ? messages.ROW_REMOVED_ELSEWHERE : messages.ROW_CHANGED_ELSEWHERE;
    const remove = button({ class: "mf-field-button" }, () => this.#remove(row), messages.REMOVE_ROW);
    row.append(el("p", { class: "mf-field-note", "data-row-note": true }, sentence, " · ", remove));
    this.#say(`${labelOf(row)?.value ?? ""}: ${sentence}`);
  }

  /** @param {HTMLElement} row */
  #remove(row) {
    const list = lists(this.#live.draft).find(({ id }) => id === row.dataset.tempId);
    const index = this.#rows().indexOf(row);
    const removed = this.#shown()[index];
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    const next = neighbour?.querySelector("[data-variant-remove]") ?? this.#form.querySelector("[data-variant-add]");
    if (next instanceof HTMLElement) next.focus();
    this.#onRemoved({ row: removed, index, files: list?.cards.map((card) => card.id) ?? [] });
    this.#edited();
  }

  #edited() {
    this.#dirty = true;
    this.flush();
  }

  #send() {
    this.#sending = this.#deliver().finally(() => {
      this.#sending = null;
      this.#changed();
    });
    return this.#sending;
  }

  async #deliver() {
    for (let tries = 0; ; tries += 1) {
      this.#dirty = false;
      const known = this.#merge();
      const rows = this.#read();
      try {
        const { revision } = await this.#live.saveVariants(rows, known);
        this.#agreed = revision;
        this.#base = rows;
        return;
      } catch (error) {
        if (error instanceof DraftEndedError) return; // the form still has the rows, for the save or for another draft
        if (!(error instanceof RefusedError)) throw error;
        // The rows stay in the form. The draft has reported why, and saving will do so again.
        if (error.code !== Code.STALE) return;
      }
      await this.#live.waitForRevision(known);
      if (tries >= QUICK_TRIES) await elapsed(reconnectDelay(tries - QUICK_TRIES));
    }
  }

  /**
   * Applies this tab's edits to what other tabs changed since both agreed.
   * @returns {number} the newest revision whose rows the form now has
   */
  #merge() {
    const { snapshot } = this.#live.draft;
    if (!snapshot || snapshot.revision <= this.#agreed) return this.#agreed;
    this.#take(this.#base ?? [], snapshot.variants);
    return snapshot.revision;
  }

  /**
   * The rows as sent: a label that the server already has changes only as text.
   * @returns {Row[]}
   */
  #read() {
    const known = new Map((this.#labelsAreText ? (this.#base ?? []) : []).map((row) => [row.temp_id, row]));
    return this.#shown().map((row) => known.get(row.temp_id) ?? row);
  }

  /** @returns {Row[]} the rows of the form */
  #shown() {
    return this.#rows().map((row) => ({ temp_id: row.dataset.tempId ?? "", label: labelOf(row)?.value ?? "" }));
  }

  /** @param {Row[]} rows */
  #write(rows) {
    const existing = new Map(this.#rows().map((row) => [row.dataset.tempId ?? "", row]));
    const wanted = new Set(rows.map(({ temp_id }) => temp_id));
    for (const [id, row] of existing) {
      if (wanted.has(id)) continue;
      if (isIn(row)) row.dataset.leaving = "";
      else row.remove();
    }
    rows.forEach((row, index) => {
      const element = existing.get(row.temp_id) ?? this.#newRow(row);
      const label = labelOf(element);
      const isOurs = label && (label === document.activeElement || (existing.has(row.temp_id) && this.#labelsAreText));
      if (label && !isOurs && label.value !== row.label) label.value = row.label;
      // Only misplaced rows are moved, because moving drops the focus.
      if (this.#rows()[index] !== element) this.#container.insertBefore(element, this.#rows()[index] ?? null);
    });
  }

  #rows() {
    return this.#allRows().filter((row) => !("leaving" in row.dataset));
  }

  /** @returns {HTMLElement[]} including a focused row that another tab removed */
  #allRows() {
    return [...this.#container.querySelectorAll("[data-variant-row]")].map((row) => /** @type {HTMLElement} */ (row));
  }

  /** @param {Row} row */
  #newRow({ temp_id, label }) {
    const copy = /** @type {DocumentFragment} */ (this.#template.content.cloneNode(true));
    const row = /** @type {HTMLElement} */ (copy.querySelector("[data-variant-row]"));
    row.dataset.tempId = temp_id;
    const id = row.querySelector("[name=variant_temp_id]");
    if (id instanceof HTMLInputElement) id.value = temp_id;
    const field = labelOf(row);
    // Set by the server, not typed here; `autosave.js` distinguishes the two.
    if (field) field.defaultValue = field.value = label;
    return row;
  }
}

/** @param {HTMLElement} row */
function isIn(row) {
  return document.hasFocus() && row.contains(document.activeElement);
}

/**
 * @param {Row[]} one
 * @param {Row[]} other
 */
function sameIds(one, other) {
  return one.length === other.length && one.every(({ temp_id }, index) => temp_id === other[index].temp_id);
}

/** @param {number} ms */
function elapsed(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * @param {Element} row
 * @returns {HTMLInputElement|null}
 */
function labelOf(row) {
  return row.querySelector("input[data-variant-label]");
}
