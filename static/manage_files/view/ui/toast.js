// @ts-check
/**
 * A message about what was just done, with an undo button. It disappears after a while, but not while it has the
 * pointer or the focus. The live region announces what was done; the toast is visual only.
 */
import * as messages from "../../text/messages.js";
import { button, el, setAttr, setText } from "./dom.js";
import { icon } from "./icons.js";

const SHOWN_MS = 10_000;

export class Toast {
  #text = el("p", { class: "mf-toast-text" });
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  element;

  /** @param {() => void} onUndo */
  constructor(onUndo) {
    const undo = button({ class: "mf-button mf-button-small mf-toast-undo" }, onUndo, icon("restore"), messages.UNDO);
    const close = button({ class: "mf-icon-button", "aria-label": messages.DISMISS }, () => this.hide(), icon("close"));
    this.element = el("div", { class: "mf-toast", hidden: true }, this.#text, undo, close);
    for (const type of ["pointerenter", "focusin"])
      this.element.addEventListener(type, () => clearTimeout(this.#timer));
    for (const type of ["pointerleave", "focusout"]) this.element.addEventListener(type, () => this.#wait());
  }

  /**
   * @param {Element} host the open dialog, if there is one, because nothing outside it can be used
   * @param {string} text
   */
  show(host, text) {
    if (this.element.parentElement !== host) host.append(this.element);
    setText(this.#text, text);
    setAttr(this.element, "hidden", false);
    this.#wait();
  }

  get isShown() {
    return !this.element.hidden;
  }

  hide() {
    clearTimeout(this.#timer);
    setAttr(this.element, "hidden", true);
  }

  #wait() {
    clearTimeout(this.#timer);
    if (!this.element.matches(":hover, :focus-within")) this.#timer = setTimeout(() => this.hide(), SHOWN_MS);
  }
}
