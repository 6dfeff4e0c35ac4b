// @ts-check
/** What the form page itself shows: the same ordered images in small, a summary and the button to the window. */

import { isOnItsWay } from "../model/cards.js";
import * as words from "../text/messages.js";
import { CardMenu } from "./card/card_menu.js";
import { FileLists } from "./file_lists.js";
import { ProblemList } from "./problem_list.js";
import { TotalLine } from "./progress_summary.js";
import { Banner } from "./status_banner.js";
import { build, button, set, setText } from "./ui/dom.js";
import { icon } from "./ui/icons.js";
import { Notice } from "./ui/notice.js";

/**
 * @import { BannerLinks } from "./status_banner.js"
 * @import { View } from "../app/view_model.js"
 */

export class InlineView {
  lists = new FileLists({ compact: true });
  menu = new CardMenu();
  #count = build("span", { class: "mf-open-count" });
  #total = new TotalLine();
  #accepted = build("span", {});
  #hint = build(
    "p",
    { class: "mf-inline-hint", hidden: true },
    build("span", { class: "mf-fine-only" }, `${words.DROP_ANYWHERE} `),
    this.#accepted,
  );
  #banner;
  #notices = [new Notice(), new Notice()];
  #problems;
  #open;
  /** Where questions about files are asked. */
  asides = build("div", { class: "mf-asides" });
  element;

  /**
   * @param {object} wiring
   * @param {BannerLinks} wiring.links
   * @param {() => void} wiring.onDismiss
   * @param {() => void} wiring.onOpen
   * @param {Element} wiring.region the live region of the page
   */
  constructor({ links, onDismiss, onOpen, region }) {
    this.#banner = new Banner(links);
    this.#problems = new ProblemList(onDismiss);
    this.#open = button(
      { class: "mf-button mf-open", "aria-haspopup": "dialog" },
      onOpen,
      icon("upload"),
      build("span", {}, words.OPEN),
      this.#count,
    );
    this.element = build(
      "div",
      { class: "mf-inline" },
      this.#banner.element,
      ...this.#notices.map(({ element }) => element),
      this.#problems.element,
      this.asides,
      this.lists.element,
      build("div", { class: "mf-inline-bar" }, this.#open, this.#hint, this.#total.element),
      this.menu.element,
      region,
    );
  }

  focusFallback() {
    this.#open.focus();
  }

  stop() {
    this.#banner.stop();
  }

  /**
   * @param {View} view
   * @param {(id: string) => string} previewOf
   */
  render(view, previewOf) {
    const { cards, draft, trouble } = view;
    const limits = draft.snapshot?.limits;
    set(this.element, "data-empty", cards.length === 0);
    set(this.element, "data-connection", trouble.state);
    this.#banner.render(trouble);
    this.#notices.forEach((notice, index) => notice.render(view.notices[index] ?? null));
    this.#problems.render(view.problems);
    this.#total.render(view);
    const uploading = cards.filter(isOnItsWay).length;
    setText(this.#count, cards.length > 0 ? words.openCount(cards.length, uploading) : "");
    set(this.#hint, "hidden", cards.length > 0 || !limits);
    setText(this.#accepted, limits ? words.accepted(limits) : "");
    this.lists.render(view, previewOf);
  }
}
