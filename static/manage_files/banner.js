// @ts-check
/**
 * The one place that speaks about trouble with the connection, and about the end of the draft.
 */
import { build, button, set, setText } from "./build.js";
import { ConnectionState } from "./connection.js";
import { without } from "./lost_files.js";
import * as words from "./words.js";

/** @import { Ended } from "./protocol.js" */

/** A reconnect is often over before it is worth a word. */
const PATIENCE_MS = 600;

/**
 * @typedef {object} Trouble
 * @property {string} state of the connection
 * @property {number} since milliseconds since the epoch
 * @property {number|null} graceSeconds how long the draft is kept without a connection; null: not known
 * @property {Ended|null} ended
 * @property {string[]} held the images whose bytes this browser still has
 */

/**
 * @typedef {object} BannerLinks
 * @property {string} signIn
 * @property {string} restart
 * @property {() => void} onTryNow
 * @property {() => void} onUploadAgain
 */

/** @type {ReadonlySet<string>} */
const PASSING = new Set([ConnectionState.RECONNECTING, ConnectionState.OFFLINE]);

/** @type {Record<string, string>} how much it matters; whatever is not here is the end */
const TONES = {
  [ConnectionState.LIMITED]: "calm",
  [ConnectionState.RECONNECTING]: "warn",
  [ConnectionState.OFFLINE]: "warn",
  [ConnectionState.SIGNED_OUT]: "warn",
};

export class Banner {
  #title = build("strong", { class: "mf-banner-title" });
  #text = build("span", { class: "mf-banner-text" });
  #actions = build("div", { class: "mf-banner-actions" });
  #links;
  #shown = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  element = build("div", { class: "mf-banner", hidden: true },
    build("p", {}, this.#title, " ", this.#text), this.#actions);

  /** @param {BannerLinks} links */
  constructor(links) {
    this.#links = links;
  }

  /** @param {Trouble} trouble */
  render(trouble) {
    clearTimeout(this.#timer);
    const { state, since } = trouble;
    const words_ = state in words.BANNER ? sentences(trouble) : null;
    const wait = state === ConnectionState.RECONNECTING ? since + PATIENCE_MS - Date.now() : 0;
    if (words_ && wait > 0) {
      this.#timer = setTimeout(() => this.render(trouble), wait);
      return;
    }
    set(this.element, "hidden", words_ === null);
    set(this.element, "data-tone", state in TONES ? TONES[state] : "end");
    setText(this.#title, words_?.[0] ?? "");
    setText(this.#text, words_?.[1] ?? "");
    if (this.#shown !== state) this.#actions.replaceChildren(...(words_ ? this.#actionsFor(trouble) : []));
    this.#shown = words_ ? state : "";
  }

  stop() {
    clearTimeout(this.#timer);
  }

  /** @param {Trouble} trouble */
  #actionsFor({ state, ended, held }) {
    const { signIn, restart, onTryNow, onUploadAgain } = this.#links;
    switch (state) {
      case ConnectionState.RECONNECTING:
      case ConnectionState.OFFLINE:
        return [button({ class: "mf-button" }, onTryNow, words.TRY_NOW)];
      case ConnectionState.SIGNED_OUT:
        return [link(signIn, words.SIGN_IN, { target: "_blank" })];
      case ConnectionState.COMMITTED:
        return ended?.url ? [link(ended.url, words.OPEN_PRODUCT)] : [];
      case ConnectionState.EXPIRED:
        return held.length > 0
          ? [button({ class: "mf-button" }, onUploadAgain, words.UPLOAD_AGAIN)]
          : [link(restart, words.START_AGAIN)];
      case ConnectionState.LIMITED:
      case ConnectionState.NOT_ALLOWED:
        return [];
      default:
        return [link(restart, words.START_AGAIN)];
    }
  }
}

/** @param {Trouble} trouble */
function sentences({ state, since, graceSeconds, ended, held }) {
  const [title, text] = words.BANNER[state];
  if (PASSING.has(state)) return [title, words.nothingLost(graceSeconds === null ? null : since + graceSeconds * 1000)];
  if (!ended) return [title, text];
  if (state === ConnectionState.EXPIRED && ended.names.length > 0) {
    return [words.expired(ended.names.length), words.stillHeld(held, without(ended.names, held))];
  }
  return [
    state === ConnectionState.DISCARDED ? words.discardedBy(ended.by) : title,
    ended.names.length > 0 ? `${words.lost(ended.names)} ${text}` : text,
  ];
}

/**
 * @param {string} href
 * @param {string} text
 * @param {Record<string, string>} [attributes]
 */
function link(href, text, attributes = {}) {
  return build("a", { class: "mf-button", href, ...attributes }, text);
}
