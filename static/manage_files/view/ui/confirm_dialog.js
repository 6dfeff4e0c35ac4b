// @ts-check
/** A small dialog that asks one question and resolves with the answer. Escape answers with "". */
import { button, el } from "./dom.js";

/**
 * @typedef {object} DialogChoice
 * @property {string} label
 * @property {string} value
 * @property {"primary"|"danger"|"plain"} [look]
 */

export class ConfirmDialog {
  #answer;
  /** @type {(value: string) => void} */
  #resolve = () => {};
  #dialog;

  /**
   * @param {object} dialog
   * @param {string} dialog.title
   * @param {Array<Node|string>} dialog.body
   * @param {DialogChoice[]} dialog.choices the first one gets the focus
   */
  constructor({ title, body, choices }) {
    this.#answer = new Promise((/** @type {(value: string) => void} */ resolve) => (this.#resolve = resolve));
    this.#dialog = el(
      "dialog",
      { class: "mf-question", "aria-label": title },
      el("h2", { class: "mf-question-title" }, title),
      ...body,
      el("div", { class: "mf-question-choices" }, ...choices.map((choice) => this.#choice(choice))),
    );
    this.#dialog.addEventListener("close", () => this.#close());
  }

  /**
   * @param {Element} parent the open dialog, if there is one, because nothing outside it can be used
   * @returns {Promise<string>} the chosen value; empty after Escape
   */
  ask(parent) {
    parent.append(this.#dialog);
    this.#dialog.showModal();
    return this.#answer;
  }

  /**
   * Answers for the user, because the question has become moot.
   * @param {string} value
   */
  answer(value) {
    this.#resolve(value);
    this.#dialog.close();
  }

  #close() {
    this.#resolve("");
    this.#dialog.remove();
  }

  /** @param {DialogChoice} choice */
  #choice({ label, value, look = "plain" }) {
    return button({ class: `mf-button mf-button-${look}`, "data-choice": value }, () => this.answer(value), label);
  }
}
