// @ts-check
/** A calm word about the draft or its files, and what can be done about it. */
import { build, button, set, setText } from "./dom.js";

/**
 * @typedef {object} Action
 * @property {string} words
 * @property {() => void} [act]
 * @property {string} [href] instead of `act`: where it leads
 * @property {string} [target] of a link
 */

/**
 * @typedef {object} NoticeText
 * @property {string} title
 * @property {string} text
 * @property {string} [tone] how much it matters: `warn`, `calm`, or `end` (nothing is wrong any more); default `end`
 * @property {Action[]} actions the first is the one that is meant
 */

export class Notice {
  #title = build("strong", { class: "mf-banner-title" });
  #text = build("span", { class: "mf-banner-text" });
  #actions = build("div", { class: "mf-banner-actions" });
  #shown = "";
  element = build(
    "div",
    { class: "mf-banner", hidden: true },
    build("p", {}, this.#title, " ", this.#text),
    this.#actions,
  );

  /** @param {NoticeText|null} notice */
  render(notice) {
    set(this.element, "hidden", notice === null);
    set(this.element, "data-tone", notice?.tone ?? "end");
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
 * @param {Action} action
 * @param {number} index
 */
function control({ words, act, href, target }, index) {
  const look = index === 0 ? "mf-button" : "mf-button mf-button-quiet";
  if (href === undefined) return button({ class: look }, act ?? (() => {}), words);
  return build("a", { class: look, href, ...(target ? { target } : {}) }, words);
}
