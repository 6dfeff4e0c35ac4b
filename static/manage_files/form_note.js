// @ts-check
/** Keeps the form's text with the draft, so that it survives a crash as the images do. */

/** @import { LiveDraft } from "./live_draft.js" */

const DEBOUNCE_MS = 400;
/** What is no text of the product. */
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "without", "files"]);

export class FormNote {
  #form;
  #live;
  #started = false;
  #dirty = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {HTMLFormElement} form
   * @param {LiveDraft} live
   */
  constructor(form, live) {
    this.#form = form;
    this.#live = live;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#form.addEventListener("input", this.#changed);
    this.#form.addEventListener("change", this.#changed);
    this.#form.addEventListener("click", this.#clicked);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    clearTimeout(this.#timer);
    this.#form.removeEventListener("input", this.#changed);
    this.#form.removeEventListener("change", this.#changed);
    this.#form.removeEventListener("click", this.#clicked);
  }

  /** Counts the text as changed. */
  touch() {
    this.#dirty = true;
  }

  /** Sends the text now if it changed; resolves when the server has it. */
  async flush() {
    clearTimeout(this.#timer);
    if (!this.#dirty) return;
    this.#dirty = false;
    // A text too long to be kept is no reason to stop anything: the form still has it.
    await this.#live.note(fieldsOf(this.#form)).catch(() => {});
  }

  #changed = () => {
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), DEBOUNCE_MS);
  };

  /** @type {(event: Event) => void} */
  #clicked = (event) => {
    // Rows come and go by click, without an input event.
    if (/** @type {Element} */ (event.target).closest("[data-variant-add], [data-variant-remove]")) this.#changed();
  };
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string[]>} in the order of the form
 */
export function fieldsOf(form) {
  /** @type {Record<string, string[]>} */
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (NOT_KEPT.has(name) || typeof value !== "string") continue;
    (fields[name] ??= []).push(value);
  }
  return fields;
}
