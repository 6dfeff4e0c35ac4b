// @ts-check
/**
 * Locks the form when its draft was saved, discarded or deleted elsewhere. The text stays readable and can be copied,
 * but it can no longer be saved into a draft that has ended.
 */

/** @import { LiveDraft } from "../client/live_draft.js" */

import { ConnectionState } from "../transport/connection.js";

/** @type {ReadonlySet<string>} */
const LOCKED = new Set([ConnectionState.COMMITTED, ConnectionState.DISCARDED]);

export class FormLock {
  #form;
  #live;
  #isExpected;
  /** @type {Array<() => void>} what unlocks the form again */
  #locked = [];

  /**
   * @param {HTMLFormElement} form
   * @param {LiveDraft} live
   * @param {() => boolean} isExpected whether this tab is ending the draft itself
   */
  constructor(form, live, isExpected) {
    this.#form = form;
    this.#live = live;
    this.#isExpected = isExpected;
  }

  start() {
    this.#live.addEventListener("change", this.#changed);
  }

  stop() {
    this.#live.removeEventListener("change", this.#changed);
    for (const unlock of this.#locked.splice(0)) unlock();
  }

  #changed = () => {
    if (this.#locked.length > 0 || !LOCKED.has(this.#live.connection) || this.#isExpected()) return;
    this.#form.dataset.locked = "";
    this.#locked = [...this.#form.elements].flatMap((element) => (this.#isOurs(element) ? [] : [lock(element)]));
    this.#locked.push(() => delete this.#form.dataset.locked);
  };

  /**
   * The dialog explains what happened and stays open.
   * @param {Element} element
   */
  #isOurs(element) {
    return element.closest("manage-files") !== null;
  }
}

/**
 * @param {Element} element
 * @returns {() => void}
 */
function lock(element) {
  const isText =
    element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && element.type !== "submit");
  const attribute = isText ? "readonly" : "disabled";
  if (element.hasAttribute(attribute)) return () => {};
  element.setAttribute(attribute, "");
  return () => element.removeAttribute(attribute);
}
