// @ts-check
/** The panel on the form page: thumbnails in order, a summary, and the button that opens the dialog. */
import { isInProgress } from "../model/cards.js";
import * as messages from "../text/messages.js";
import { CardMenu } from "./card/card_menu.js";
import { FileLists } from "./file_lists.js";
import { ProblemList } from "./problem_list.js";
import { ProgressSummary } from "./progress_summary.js";
import { StatusBanner } from "./status_banner.js";
import { button, el, setAttr, setText } from "./ui/dom.js";
import { icon } from "./ui/icons.js";
import { Notice } from "./ui/notice.js";

/**
 * @import { BannerLinks } from "./status_banner.js"
 * @import { ViewModel } from "../app/view_model.js"
 */

export class InlinePanel {
  lists = new FileLists({ compact: true });
  menu = new CardMenu();
  #count = el("span", { class: "mf-open-count" });
  #total = new ProgressSummary();
  #accepted = el("span", {});
  #hint = el(
    "p",
    { class: "mf-inline-hint", hidden: true },
    el("span", { class: "mf-fine-only" }, `${messages.DROP_ANYWHERE} `),
    this.#accepted,
  );
  #banner;
  #notices = [new Notice(), new Notice()];
  #problems;
  #open;
  /** Where questions about files are shown. */
  asides = el("div", { class: "mf-asides" });
  /** Where the undo toast is shown. */
  toasts = el("div", { class: "mf-toasts" });
  element;

  /**
   * @param {object} wiring
   * @param {BannerLinks} wiring.links
   * @param {() => void} wiring.onDismiss
   * @param {() => void} wiring.onOpen
   * @param {Element} wiring.region the live region of the page
   */
  constructor({ links, onDismiss, onOpen, region }) {
    this.#banner = new StatusBanner(links);
    this.#problems = new ProblemList(onDismiss);
    this.#open = button(
      { class: "mf-button mf-open", "aria-haspopup": "dialog" },
      onOpen,
      icon("upload"),
      el("span", {}, messages.OPEN),
      this.#count,
    );
    this.element = el(
      "div",
      { class: "mf-inline" },
      this.#banner.element,
      ...this.#notices.map(({ element }) => element),
      this.#problems.element,
      this.asides,
      this.lists.element,
      el("div", { class: "mf-inline-bar" }, this.#open, this.#hint, this.#total.element),
      this.menu.element,
      this.toasts,
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
   * @param {ViewModel} view
   * @param {(id: string) => string} previewOf
   */
  render(view, previewOf) {
    const { cards, count, draft, status } = view;
    const limits = draft.snapshot?.limits;
    setAttr(this.element, "data-empty", cards.length === 0);
    setAttr(this.element, "data-connection", status.state);
    this.#banner.render(status);
    this.#notices.forEach((notice, index) => notice.render(view.notices[index] ?? null));
    this.#problems.render(view.problems);
    this.#total.render(view);
    const uploading = cards.filter(isInProgress).length;
    setText(this.#count, count > 0 ? messages.openCount(count, uploading) : "");
    setAttr(this.#hint, "hidden", cards.length > 0 || !limits);
    setText(this.#accepted, limits ? messages.accepted(limits) : "");
    this.lists.render(view, previewOf);
  }
}
