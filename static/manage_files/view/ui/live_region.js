// @ts-check
/**
 * Announces sentences to screen readers, in batches to avoid chatter. Content outside an open modal dialog is not read
 * out, so there is one region inside and one outside.
 */
import { el } from "./dom.js";

const BATCH_MS = 400;
/** Old sentences are cleared, so that they are not read later as if they were new. */
const CLEAR_MS = 7_000;

export class LiveRegion {
  #inside = new Region();
  #outside = new Region();
  #isInside;

  /** @param {() => boolean} isInside whether the dialog is open now */
  constructor(isInside) {
    this.#isInside = isInside;
  }

  /** The regions inside the dialog and on the page. */
  get elements() {
    return { inside: this.#inside.element, outside: this.#outside.element };
  }

  /** The region that is read out now. */
  get region() {
    return (this.#isInside() ? this.#inside : this.#outside).element;
  }

  /** @param {string} sentence */
  say(sentence) {
    (this.#isInside() ? this.#inside : this.#outside).say(sentence);
  }

  stop() {
    this.#inside.stop();
    this.#outside.stop();
  }
}

class Region {
  element = el("div", { class: "mf-hidden-text", role: "status", "aria-live": "polite", "aria-atomic": "true" });
  /** @type {string[]} */
  #sentences = [];
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {string} sentence */
  say(sentence) {
    // The first sentence of a batch sets its time, so that a steady stream is still announced promptly.
    if (this.#sentences.length === 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#speak(), BATCH_MS);
    }
    if (!this.#sentences.includes(sentence)) this.#sentences.push(sentence);
  }

  stop() {
    clearTimeout(this.#timer);
  }

  #speak() {
    this.element.textContent = this.#sentences.join(" ");
    this.#sentences = [];
    this.#timer = setTimeout(() => (this.element.textContent = ""), CLEAR_MS);
  }
}
