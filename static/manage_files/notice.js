// @ts-check
/** A calm word about files that nothing is wrong with, and what can be done about it. */
import { build, button, set, setText } from "./build.js";

/**
 * @typedef {object} NoticeText
 * @property {string} title
 * @property {string} text
 * @property {Array<{words: string, act: () => void}>} actions the first is the one that is meant
 */

export class Notice {
  #title = build("strong", { class: "mf-banner-title" });
  #text = build("span", { class: "mf-banner-text" });
  #actions = build("div", { class: "mf-banner-actions" });
  #shown = "";
  element = build("div", { class: "mf-banner", "data-tone": "end", hidden: true },
    build("p", {}, this.#title, " ", this.#text), this.#actions);

  /** @param {NoticeText|null} notice */
  render(notice) {
    set(this.element, "hidden", notice === null);
    const key = notice ? [notice.title, ...notice.actions.map(({ words }) => words)].join("\n") : "";
    if (notice) setText(this.#text, notice.text);
    if (key === this.#shown) return;
    this.#shown = key;
    const hadFocus = this.#actions.contains(document.activeElement);
    setText(this.#title, notice?.title ?? "");
    this.#actions.replaceChildren(...(notice?.actions ?? []).map(({ words, act }, index) =>
      button({ class: index === 0 ? "mf-button" : "mf-button mf-button-quiet" }, act, words)));
    if (hadFocus) this.element.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
  }
}
