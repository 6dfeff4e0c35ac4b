// @ts-check
/** The dialog *Manage files*: a modal over the product page. Closing it keeps everything. */
import { isRetryable } from "../model/cards.js";
import * as announcements from "../text/announcements.js";
import * as messages from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { AddButtons } from "./add_buttons.js";
import { dispatchAction } from "./card/card_actions.js";
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

export class FilesDialog {
  lists = new FileLists({ compact: false });
  menu = new CardMenu();
  #title = el("h2", { class: "mf-title", id: "mf-window-title", tabindex: "-1", autofocus: true }, messages.TITLE);
  #live = el("span", { class: "mf-live" });
  #total = new ProgressSummary();
  #retryAll = button({ class: "mf-button mf-button-small", hidden: true }, () =>
    dispatchAction(this.element, { kind: "retry-all" }),
  );
  #note = el("p", { class: "mf-note" });
  #empty = el("div", { class: "mf-empty", hidden: true });
  #emptyFormats = el("p", {});
  #emptyHint = el("p", {});
  #banner;
  #notices = [new Notice(), new Notice()];
  #problems;
  #discard;
  #keep;
  #adds = [new AddButtons({ roomy: true }), new AddButtons(), new AddButtons()];
  /** The scrolling element. */
  body = el("div", { class: "mf-body" });
  /** Where questions about files are shown. */
  asides = el("div", { class: "mf-asides" });
  /** Where the undo toast is shown. */
  toasts = el("div", { class: "mf-toasts" });
  footer;
  element;

  /**
   * @param {object} wiring
   * @param {BannerLinks} wiring.links
   * @param {() => void} wiring.onDismiss
   * @param {() => void} wiring.onDiscard
   * @param {Element} wiring.region the live region for the dialog
   * @param {HTMLElement} wiring.keep the button that keeps the draft for longer
   */
  constructor({ links, onDismiss, onDiscard, region, keep }) {
    this.#keep = keep;
    this.#banner = new StatusBanner(links);
    this.#problems = new ProblemList(onDismiss);
    this.#discard = button({ class: "mf-button mf-button-quiet mf-discard" }, onDiscard, messages.DISCARD_ALL);
    this.#empty.append(
      icon("image"),
      el("strong", { class: "mf-fine-only" }, messages.EMPTY_TITLE),
      el("strong", { class: "mf-coarse-only" }, messages.EMPTY_TITLE_TOUCH),
      this.#emptyFormats,
      this.#emptyHint,
      this.#adds[0].element,
    );
    this.body.append(this.#empty, this.lists.element);
    this.footer = el(
      "footer",
      { class: "mf-footer" },
      this.#note,
      this.#keep,
      this.#discard,
      this.#adds[2].element,
      button({ class: "mf-button mf-back" }, () => this.close(), messages.BACK),
    );
    this.element = el(
      "dialog",
      {
        class: "mf-window",
        "aria-labelledby": "mf-window-title",
        "data-connection": ConnectionState.CONNECTING,
      },
      el(
        "header",
        { class: "mf-header" },
        this.#title,
        this.#live,
        this.#adds[1].element,
        button({ class: "mf-icon-button mf-close", "aria-label": messages.CLOSE }, () => this.close(), icon("close")),
      ),
      el("div", { class: "mf-total-row" }, this.#total.element, this.#retryAll),
      el(
        "div",
        { class: "mf-notices" },
        this.#banner.element,
        ...this.#notices.map(({ element }) => element),
        this.#problems.element,
        this.asides,
      ),
      this.body,
      this.toasts,
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

  /** Focuses an element that is always present. */
  focusFallback() {
    if (!this.#adds.some((adds) => adds.focus())) this.#title.focus();
  }

  stop() {
    this.#banner.stop();
  }

  /**
   * @param {ViewModel} view
   * @param {(id: string) => string} previewOf
   */
  render(view, previewOf) {
    const { draft, status, cards, isOpen } = view;
    const limits = draft.snapshot?.limits;
    setAttr(this.element, "data-connection", status.state);
    setText(this.#live, liveWords(view));
    this.#total.render(view);
    const failed = cards.filter(isRetryable).length;
    setAttr(this.#retryAll, "hidden", failed < 2);
    setText(this.#retryAll, messages.retryAll(failed));
    this.#banner.render(status);
    this.#notices.forEach((notice, index) => notice.render(view.notices[index] ?? null));
    this.#problems.render(view.problems);
    const isEmpty = cards.length === 0 && draft.snapshot !== null;
    setAttr(this.#empty, "hidden", !isEmpty);
    setAttr(this.body, "data-empty", isEmpty);
    setAttr(this.body, "data-skeleton", cards.length === 0 && draft.snapshot === null);
    setText(this.#emptyFormats, limits ? messages.accepted(limits) : "");
    setText(this.#emptyHint, limits ? messages.emptyHint(limits.max_files) : "");
    setText(this.#note, noteOf(view));
    // If there is nothing to lose, nothing is asked.
    setAttr(this.#keep, "hidden", !isOpen || !draft.live || this.#keep.childElementCount === 0 || isNothingHere(view));
    setAttr(this.#discard, "hidden", !isOpen || (cards.length === 0 && view.removedCards.length === 0));
    for (const add of this.#adds) add.disabled = !isOpen;
    this.lists.render(view, previewOf);
  }
}

/** @param {ViewModel} view */
function isNothingHere({ draft, cards, removedCards }) {
  return cards.length === 0 && removedCards.length === 0 && (draft.snapshot?.draft.changes ?? []).length === 0;
}

/** @param {ViewModel} view */
function noteOf({ draft, isOpen }) {
  if (!draft.snapshot || !isOpen) return "";
  const { grace_seconds: seconds, kept_until: until } = draft.snapshot.draft;
  return until && until > Date.now() + seconds * 1000 ? messages.notSavedUntil(until) : messages.notSaved(seconds);
}

/** @param {ViewModel} view */
function liveWords({ status: { state, since }, draft, isReordered }) {
  if (isReordered) return announcements.ORDER_CHANGED;
  if (state === ConnectionState.LIVE) return messages.live(draft.snapshot?.sockets ?? 1);
  if (state === ConnectionState.OFFLINE) return messages.offlineSince(since);
  return messages.CONNECTION[state];
}
