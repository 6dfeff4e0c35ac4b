// @ts-check
/**
 * One file as a card: its image, position, name and one status line, the same in the dialog and on the form page.
 * `update` changes only what differs.
 */
import { CardState } from "../../model/cards.js";
import { MAIN } from "../../model/list_id.js";
import * as errorMessages from "../../text/error_messages.js";
import { formatSize } from "../../text/format.js";
import * as messages from "../../text/messages.js";
import * as recoveryMessages from "../../text/recovery_messages.js";
import { Code } from "../../transport/protocol.js";
import { MAX_TRIES } from "../../upload/auto_retry.js";
import { SMALL_PX, smallPicture } from "../small_pictures.js";
import { button, el, setAttr, setText } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { dispatchAction } from "./card_actions.js";

/** @import { Card as CardData } from "../../model/cards.js" */

/** How much of the end of a long name stays visible: "front-4.jpg" says more than "IMG_2026". */
const TAIL_LENGTH = 9;

/** @type {ReadonlySet<string>} states with a progress bar */
const WITH_BAR = new Set([
  CardState.UPLOADING,
  CardState.PAUSED,
  CardState.ELSEWHERE,
  CardState.PROCESSING,
  CardState.INTERRUPTED,
  CardState.FAILED,
]);

/** @type {ReadonlySet<string>} refusals of a valid image that is only too large */
const SHRINKABLE = new Set([Code.TOO_LARGE, Code.TOO_MANY_PIXELS]);

let count = 0;

export class Card {
  #id;
  /** @type {Record<string, string|number|boolean>} what is shown now */
  #face = {};
  #image = el("img", {
    class: "mf-card-image",
    alt: "",
    draggable: "false",
    decoding: "async",
    loading: "lazy",
    hidden: true,
  });
  #badge = el("span", { class: "mf-card-badge" });
  #bar = el("progress", { class: "mf-card-bar", max: "1", hidden: true });
  #head = el("span", { class: "mf-card-head" });
  #tail = el("span", { class: "mf-card-tail" });
  #name;
  #picture;
  #status = el("span", { class: "mf-card-words" });
  #check = icon("check");
  #more;
  #remove;
  #help;
  /** For mouse and touch; the keyboard has Space. */
  #select = el("input", { type: "checkbox", class: "mf-card-select", tabindex: "-1" });

  /** @param {string} id id of the file */
  constructor(id) {
    this.#id = id;
    count += 1;
    const key = `mf-card-${count}`;
    this.#name = el("span", { class: "mf-card-name", id: `${key}-name`, dir: "auto" }, this.#head, this.#tail);
    this.#more = this.#button("mf-card-more", "menu", icon("more"));
    this.#remove = this.#button("mf-card-remove", "remove", icon("close"));
    this.#help = this.#button("mf-card-help", "retry");
    this.#badge.id = `${key}-badge`;
    this.#picture = el(
      "div",
      { class: "mf-card-picture" },
      icon("image"),
      this.#image,
      this.#badge,
      this.#help,
      el("span", { class: "mf-card-grip", "aria-hidden": "true" }, icon("grip")),
      this.#bar,
      this.#select,
    );
    const status = el("span", { class: "mf-card-status", id: `${key}-status` }, this.#check, this.#status);
    this.element = el(
      "li",
      {
        class: "mf-card",
        "data-file-id": id,
        tabindex: "0",
        "aria-labelledby": `${this.#name.id} ${this.#badge.id} ${status.id}`,
        "aria-keyshortcuts": "Alt+ArrowLeft Alt+ArrowRight Alt+Home Alt+End Delete Enter Space",
      },
      this.#picture,
      el("div", { class: "mf-card-actions" }, this.#more, this.#remove),
      el("div", { class: "mf-card-text" }, this.#name, status),
    );
    this.#picture.addEventListener("click", ({ target }) => {
      if (!(/** @type {Element} */ (target).closest("button, input")))
        dispatchAction(this.element, { kind: "look", file: id });
    });
    this.#image.addEventListener("load", () => setAttr(this.#image, "hidden", false));
    this.#image.addEventListener("error", () => setAttr(this.#image, "hidden", true));
  }

  /**
   * @param {CardData} card
   * @param {string} preview URL of the local preview, or empty
   * @param {boolean} selected
   */
  update(card, preview, selected) {
    const isRemoved = card.state === CardState.REMOVED;
    this.#show("state", card.state, (state) => setAttr(this.element, "data-state", state));
    this.#show("stalled", card.stalled ?? false, (stalled) => setAttr(this.element, "data-stalled", stalled));
    this.#show("leaving", card.leaving, (leaving) => setAttr(this.element, "data-leaving", leaving));
    this.#show("name", card.name, (name) => this.#showName(name));
    this.#show("badge", badge(card), (text) => this.#showBadge(text, card.place === 0 && !isRemoved));
    this.#show("source", preview || remote(card), (source) => this.#showImage(source));
    this.#show("status", status(card), (text) => this.#showStatus(text));
    this.#show("help", help(card), (text) => this.#showHelp(text));
    this.#show("bar", barValue(card), (value) => this.#showBar(value));
    this.#show("selected", selected, () => this.#showSelected(selected));
    this.#show("removed", isRemoved, (removed) => this.#showActions(removed, card.name));
  }

  /**
   * @template {string|number|boolean} T
   * @param {string} part
   * @param {T} value
   * @param {(value: T) => void} render
   */
  #show(part, value, render) {
    if (this.#face[part] === value) return;
    this.#face[part] = value;
    render(value);
  }

  /** @param {string} name */
  #showName(name) {
    const letters = Array.from(name);
    const cut = Math.max(0, letters.length - TAIL_LENGTH);
    setText(this.#head, letters.slice(0, cut).join(""));
    setText(this.#tail, letters.slice(cut).join(""));
    this.#name.title = name;
    setAttr(this.#more, "aria-label", messages.moreFor(name));
    setAttr(this.#bar, "aria-label", messages.uploadOf(name));
    setAttr(this.#select, "aria-label", messages.select(name));
    delete this.#face.removed; // its buttons are labelled with the file's name
  }

  /**
   * @param {string} text
   * @param {boolean} isFirst
   */
  #showBadge(text, isFirst) {
    setText(this.#badge, text);
    setAttr(this.#badge, "data-first", isFirst);
    setAttr(this.#badge, "hidden", text === "");
  }

  /** @param {string} source */
  #showImage(source) {
    if (source) this.#image.src = source;
    else this.#image.removeAttribute("src");
    if (!source) setAttr(this.#image, "hidden", true);
  }

  /** @param {string} text */
  #showStatus(text) {
    setText(this.#status, text);
    this.#status.title = text;
  }

  /** @param {boolean} selected */
  #showSelected(selected) {
    setAttr(this.element, "data-selected", selected);
    this.#select.checked = selected;
  }

  /** @param {string} text */
  #showHelp(text) {
    setText(this.#help, text);
    setAttr(this.#help, "hidden", text === "");
  }

  /** @param {number} value below 0: no bar; above 1: indeterminate */
  #showBar(value) {
    setAttr(this.#bar, "hidden", value < 0);
    setAttr(this.#bar, "value", value > 1 ? null : String(Math.max(0, value)));
  }

  /**
   * @param {boolean} removed
   * @param {string} name
   */
  #showActions(removed, name) {
    setAttr(this.#more, "aria-haspopup", removed ? null : "menu");
    setAttr(this.#more, "aria-label", removed ? messages.restore(name) : messages.moreFor(name));
    this.#more.title = removed ? messages.RESTORE : "";
    this.#more.replaceChildren(icon(removed ? "restore" : "more"));
    setAttr(this.#remove, "aria-label", removed ? messages.purge(name) : messages.remove(name));
    this.#remove.title = removed ? messages.PURGE : "";
    this.#remove.replaceChildren(icon(removed ? "trash" : "close"));
  }

  /**
   * @param {string} className
   * @param {"menu"|"remove"|"retry"} kind
   * @param {...Node} children
   */
  #button(className, kind, ...children) {
    return button(
      { class: className },
      () => dispatchAction(this.element, { kind: this.#meaning(kind), file: this.#id }),
      ...children,
    );
  }

  /**
   * Maps a button to its action in the current state of the card.
   * @param {"menu"|"remove"|"retry"} kind
   */
  #meaning(kind) {
    if (this.#face.removed) return kind === "remove" ? "purge" : "restore";
    if (kind === "retry" && this.#face.state === CardState.INTERRUPTED) return "choose";
    if (kind === "retry" && this.#face.help === errorMessages.SMALLER_COPY) return "shrink";
    return kind;
  }
}

/**
 * Returns the status line of a card.
 * @param {CardData} card
 * @returns {string}
 */
export function status(card) {
  if (card.leaving) return messages.BEING_REPLACED;
  switch (card.state) {
    case CardState.QUEUED:
      return messages.waiting(card.ahead);
    case CardState.RETRYING:
      return messages.retrying(card.error?.attempt ?? 1, MAX_TRIES);
    case CardState.UPLOADING:
      return card.stalled ? messages.STALLED : messages.uploading(card.received, card.size);
    case CardState.PAUSED:
      return messages.paused(card.received / card.size, card.held);
    case CardState.ELSEWHERE:
      return messages.ELSEWHERE;
    case CardState.INTERRUPTED:
      return messages.INTERRUPTED;
    case CardState.PROCESSING:
      return messages.PROCESSING;
    case CardState.GONE:
      return card.held ? recoveryMessages.CAN_BE_RESTORED : recoveryMessages.DELETED;
    case CardState.FAILED:
      return card.error ? errorMessages.refused(card.error) : "";
    default:
      return formatSize(card.size);
  }
}

/** @param {CardData} card */
function remote({ state, error, url }) {
  // The server keeps no image of a permanently refused file.
  return state === CardState.FAILED && !error?.retryable ? "" : smallPicture(url, SMALL_PX);
}

/** @param {CardData} card */
function badge({ state, list, place }) {
  if (state === CardState.REMOVED) return "";
  if (place > 0) return messages.place(place);
  return list === MAIN ? messages.PRIMARY : messages.COVER;
}

/** @param {CardData} card */
function help({ state, error, stalled = false }) {
  if (state === CardState.INTERRUPTED) return messages.CHOOSE_AGAIN;
  if (state === CardState.RETRYING || stalled) return messages.RETRY;
  if (state === CardState.FAILED && SHRINKABLE.has(error?.code ?? "")) return errorMessages.SMALLER_COPY;
  return state === CardState.FAILED && error?.retryable ? messages.RETRY : "";
}

/** @param {CardData} card */
function barValue({ state, received, size }) {
  if (!WITH_BAR.has(state)) return -1;
  if (state === CardState.FAILED) return 1;
  // The progress of another tab is not known yet, or the server is checking the image.
  if (state === CardState.PROCESSING || (state === CardState.ELSEWHERE && received === 0)) return 2;
  return received / size;
}
