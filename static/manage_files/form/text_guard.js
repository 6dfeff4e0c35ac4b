// @ts-check
/**
 * Cleans text as it is entered: pasted text may contain invisible characters that no server accepts. Reports when a
 * field accepts only the beginning of what was pasted.
 */
import { cleanText, cleanTextAt } from "../model/form/clean_text.js";
import * as messages from "../text/form_messages.js";
import { FieldNotes } from "./field_notes.js";
import { setText } from "./fields.js";

export class TextGuard {
  #host;
  #say;
  #notes = new FieldNotes();

  /**
   * @param {Element} host its form and dialogs are guarded
   * @param {(sentence: string) => void} say
   */
  constructor(host, say) {
    this.#host = host;
    this.#say = say;
  }

  start() {
    // Before any other listener reads the text.
    document.addEventListener("input", this.#entered, true);
    document.addEventListener("paste", this.#pasted, true);
  }

  stop() {
    document.removeEventListener("input", this.#entered, true);
    document.removeEventListener("paste", this.#pasted, true);
    this.#notes.clear();
  }

  /** @type {(event: Event) => void} */
  #entered = (event) => {
    const field = this.#fieldOf(event);
    // Text being composed belongs to the input method.
    if (!field || /** @type {InputEvent} */ (event).isComposing) return;
    const { value, selectionStart } = field;
    const { text, cursor } = cleanTextAt(value, selectionStart ?? value.length);
    if (text !== value) setText(field, text, selectionStart === null ? null : cursor);
    if (/** @type {InputEvent} */ (event).inputType !== "insertFromPaste") this.#tell(field, "");
  };

  /** @type {(event: ClipboardEvent) => void} */
  #pasted = (event) => {
    const field = this.#fieldOf(event);
    if (!field || field.maxLength < 0) return;
    const { value, selectionStart, selectionEnd, maxLength } = field;
    const pasted = cleanText(event.clipboardData?.getData("text/plain") ?? "");
    const kept = value.length - ((selectionEnd ?? 0) - (selectionStart ?? 0));
    this.#tell(field, kept + pasted.length > maxLength ? messages.shortened(maxLength) : "");
  };

  /**
   * @param {HTMLInputElement|HTMLTextAreaElement} field
   * @param {string} sentence
   */
  #tell(field, sentence) {
    if (this.#notes.showProblem(`pasted:${field.id || field.name}`, [field], sentence)) this.#say(sentence);
  }

  /** @param {Event} event */
  #fieldOf({ target }) {
    if (!(target instanceof HTMLTextAreaElement) && !(target instanceof HTMLInputElement)) return null;
    return target.form === this.#host.closest("form") || this.#host.contains(target) ? target : null;
  }
}
