// @ts-check
/** Saves the text of the form with the draft, so that it survives a crash as the images do. */

/** @import { LiveDraft } from "../client/live_draft.js" */

const DEBOUNCE_MS = 400;
/** Fields that are not part of the product's text. */
const EXCLUDED_FIELDS = new Set(["csrfmiddlewaretoken", "without", "files"]);

export class Autosave {
  #form;
  #live;
  #started = false;
  #dirty = false;
  /** Texts sent and not confirmed. */
  #unconfirmed = 0;
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

  /** @param {Record<string, string[]>|null} [saved] what was typed before a reload */
  start(saved = null) {
    if (this.#started) return;
    this.#started = true;
    this.#form.addEventListener("input", this.#changed);
    this.#form.addEventListener("change", this.#changed);
    this.#form.addEventListener("click", this.#clicked);
    if (!saved) return;
    fill(this.#form, saved);
    this.#changed();
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    clearTimeout(this.#timer);
    this.#form.removeEventListener("input", this.#changed);
    this.#form.removeEventListener("change", this.#changed);
    this.#form.removeEventListener("click", this.#clicked);
  }

  /** Whether the server may not have the text yet. */
  get isPending() {
    return this.#dirty || this.#unconfirmed > 0;
  }

  get fields() {
    return formFields(this.#form);
  }

  /** Marks the text as changed. */
  markDirty() {
    this.#dirty = true;
  }

  /** Sends the text now if it changed; resolves when the server has it, or when the draft is over. */
  async flush() {
    clearTimeout(this.#timer);
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#unconfirmed += 1;
    // A text too long to be saved stops nothing: the form still has it.
    await this.#live.saveFormState(this.fields).catch(() => {});
    this.#unconfirmed -= 1;
  }

  #changed = () => {
    this.#dirty = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), DEBOUNCE_MS);
  };

  /** @type {(event: Event) => void} */
  #clicked = (event) => {
    // Rows are added and removed by click, without an input event.
    if (/** @type {Element} */ (event.target).closest("[data-variant-add], [data-variant-remove]")) this.#changed();
  };
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string[]>} in the order of the form
 */
export function formFields(form) {
  /** @type {Record<string, string[]>} */
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (EXCLUDED_FIELDS.has(name) || typeof value !== "string") continue;
    fields[name] ??= [];
    fields[name].push(value);
  }
  return fields;
}

/**
 * Restores text into its fields. Variant rows are restored on their own.
 * @param {HTMLFormElement} form
 * @param {Record<string, string[]>} fields
 */
function fill(form, fields) {
  for (const [name, [value]] of Object.entries(fields)) {
    const field = form.elements.namedItem(name);
    const isText =
      field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && field.type !== "hidden");
    if (isText && !field.closest("[data-variant-row]")) field.value = value;
  }
}
