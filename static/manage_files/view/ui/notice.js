// @ts-check
/** A notice about the draft or its files, with buttons for what can be done about it. */
import { button, el, setAttr, setText } from "./dom.js";

/**
 * @typedef {object} NoticeAction
 * @property {string} label
 * @property {() => void} [act]
 * @property {string} [href] instead of `act`: the URL of a link
 * @property {string} [target] of the link
 */

/**
 * @typedef {object} NoticeText
 * @property {string} title
 * @property {string} text
 * @property {string} [tone] its importance: `warn`, `calm`, or `end` (nothing is wrong any more); default `end`
 * @property {NoticeAction[]} actions the first is the primary one
 */

export class Notice {
  #title = el("strong", { class: "mf-banner-title" });
  #text = el("span", { class: "mf-banner-text" });
  #actions = el("div", { class: "mf-banner-actions" });
  #shown = "";
  element = el("div", { class: "mf-banner", hidden: true }, el("p", {}, this.#title, " ", this.#text), this.#actions);

  /** @param {NoticeText|null} notice */
  render(notice) {
    setAttr(this.element, "hidden", notice === null);
    setAttr(this.element, "data-tone", notice?.tone ?? "end");
    setText(this.#title, notice?.title ?? "");
    setText(this.#text, notice?.text ?? "");
    const key = JSON.stringify([notice?.title, notice?.actions]);
    if (key === this.#shown) return;
    this.#shown = key;
    const hadFocus = this.#actions.contains(document.activeElement);
    this.#actions.replaceChildren(...(notice?.actions ?? []).map(control));
    if (hadFocus) this.element.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
  }
}

/**
 * @param {NoticeAction} action
 * @param {number} index
 */
function control({ label, act, href, target }, index) {
  const look = index === 0 ? "mf-button" : "mf-button mf-button-quiet";
  if (href === undefined) return button({ class: look }, act ?? (() => {}), label);
  return el("a", { class: look, href, ...(target ? { target } : {}) }, label);
}
