// @ts-check
/**
 * The window *Manage files*: a modal dialog over the product page. Closing it keeps everything.
 */

import { isRetryable } from "../model/cards.js";
import * as spokenWords from "../text/announcements.js";
import * as words from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { AddButtons } from "./add_buttons.js";
import { intend } from "./card/card_actions.js";
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

export class FilesWindow {
  lists = new FileLists({ compact: false });
  menu = new CardMenu();
  #title = build("h2", { class: "mf-title", id: "mf-window-title", tabindex: "-1", autofocus: true }, words.TITLE);
  #live = build("span", { class: "mf-live" });
  #total = new TotalLine();
  #retryAll = button({ class: "mf-button mf-button-small", hidden: true }, () =>
    intend(this.element, { kind: "retry-all" }),
  );
  #note = build("p", { class: "mf-note" });
  #empty = build("div", { class: "mf-empty", hidden: true });
  #emptyFormats = build("p", {});
  #emptyHint = build("p", {});
  #banner;
  #notices = [new Notice(), new Notice()];
  #problems;
  #discard;
  #adds = [new AddButtons({ roomy: true }), new AddButtons(), new AddButtons()];
  /** What scrolls. */
  body = build("div", { class: "mf-body" });
  /** Where questions about files are asked. */
  asides = build("div", { class: "mf-asides" });
  footer;
  element;

  /**
   * @param {object} wiring
   * @param {BannerLinks} wiring.links
   * @param {() => void} wiring.onDismiss
   * @param {() => void} wiring.onDiscard
   * @param {Element} wiring.region the live region for the dialog
   */
  constructor({ links, onDismiss, onDiscard, region }) {
    this.#banner = new Banner(links);
    this.#problems = new ProblemList(onDismiss);
    this.#discard = button({ class: "mf-button mf-button-quiet mf-discard" }, onDiscard, words.DISCARD_ALL);
    this.#empty.append(
      icon("image"),
      build("strong", { class: "mf-fine-only" }, words.EMPTY_TITLE),
      build("strong", { class: "mf-coarse-only" }, words.EMPTY_TITLE_TOUCH),
      this.#emptyFormats,
      this.#emptyHint,
      this.#adds[0].element,
    );
    this.body.append(this.#empty, this.lists.element);
    this.footer = build(
      "footer",
      { class: "mf-footer" },
      this.#note,
      this.#discard,
      this.#adds[2].element,
      button({ class: "mf-button mf-back" }, () => this.close(), words.BACK),
    );
    this.element = build(
      "dialog",
      {
        class: "mf-window",
        "aria-labelledby": "mf-window-title",
        "data-connection": ConnectionState.CONNECTING,
      },
      build(
        "header",
        { class: "mf-header" },
        this.#title,
        this.#live,
        this.#adds[1].element,
        button({ class: "mf-icon-button mf-close", "aria-label": words.CLOSE }, () => this.close(), icon("close")),
      ),
      build("div", { class: "mf-total-row" }, this.#total.element, this.#retryAll),
      build(
        "div",
        { class: "mf-notices" },
        this.#banner.element,
        ...this.#notices.map(({ element }) => element),
        this.#problems.element,
        this.asides,
      ),
      this.body,
      this.footer,
      this.menu.element,
      region,
    );
  }

  get isOpen() {
    return this.element.open;
  }

  open() {
    if (!this.element.open) this.element.showModal();
  }

  close() {
    this.element.close();
  }

  /** Puts the focus on something that is always there. */
  focusFallback() {
    if (!this.#adds.some((adds) => adds.focus())) this.#title.focus();
  }

  stop() {
    this.#banner.stop();
  }

  /**
   * @param {View} view
   * @param {(id: string) => string} previewOf
   */
  render(view, previewOf) {
    const { draft, trouble, cards, isOpen } = view;
    const limits = draft.snapshot?.limits;
    set(this.element, "data-connection", trouble.state);
    setText(this.#live, liveWords(view));
    this.#total.render(view);
    const failed = cards.filter(isRetryable).length;
    set(this.#retryAll, "hidden", failed < 2);
    setText(this.#retryAll, words.retryAll(failed));
    this.#banner.render(trouble);
    this.#notices.forEach((notice, index) => notice.render(view.notices[index] ?? null));
    this.#problems.render(view.problems);
    const isEmpty = cards.length === 0 && draft.snapshot !== null;
    set(this.#empty, "hidden", !isEmpty);
    set(this.body, "data-empty", isEmpty);
    set(this.body, "data-skeleton", cards.length === 0 && draft.snapshot === null);
    setText(this.#emptyFormats, limits ? words.accepted(limits) : "");
    setText(this.#emptyHint, limits ? words.emptyHint(limits.max_files) : "");
    setText(this.#note, noteOf(view));
    set(this.#discard, "hidden", !isOpen || (cards.length === 0 && view.tray.length === 0));
    for (const add of this.#adds) add.disabled = !isOpen;
    this.lists.render(view, previewOf);
  }
}

/** @param {View} view */
function noteOf({ draft, cards, isOpen }) {
  if (!draft.snapshot || !isOpen) return "";
  const seconds = draft.snapshot.draft.grace_seconds;
  // Images of the edited product stay whatever happens here.
  return cards.some(({ attached }) => !attached) ? words.notSaved(seconds) : words.nothingToSave(seconds);
}

/** @param {View} view */
function liveWords({ trouble: { state, since }, draft, isNews }) {
  if (isNews) return spokenWords.ORDER_CHANGED;
  if (state === ConnectionState.LIVE) return words.live(draft.snapshot?.sockets ?? 1);
  if (state === ConnectionState.OFFLINE) return words.offlineSince(since);
  return words.CONNECTION[state];
}
