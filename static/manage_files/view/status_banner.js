// @ts-check
/**
 * The one place that speaks about trouble with the connection, and about the end of the draft.
 */

import { without } from "../recovery/expired_draft.js";
import * as words from "../text/messages.js";
import { NoDraft } from "../text/no_draft.js";
import { ConnectionState } from "../transport/connection.js";
import { Notice } from "./ui/notice.js";

/**
 * @import { Action, NoticeText } from "./ui/notice.js"
 * @import { Ended } from "../transport/protocol.js"
 */

/** A reconnect is often over before it is worth a word. */
const PATIENCE_MS = 600;

/**
 * @typedef {object} Trouble
 * @property {string} state of the connection
 * @property {number} since milliseconds since the epoch
 * @property {number|null} graceSeconds how long the draft is kept without a connection; null: not known
 * @property {Ended|null} ended
 * @property {string[]} held the images whose bytes this browser still has
 * @property {string} noDraft why no new draft could be started, of `NoDraft`; empty: nothing of the kind
 */

/**
 * @typedef {object} BannerLinks
 * @property {string} signIn
 * @property {string} restart
 * @property {() => void} onTryNow
 * @property {() => void} onUploadAgain
 * @property {(sentence: string) => void} say tells who cannot see it
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
  #notice = new Notice();
  #links;
  /** The state that was spoken of last. */
  #told = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {BannerLinks} links */
  constructor(links) {
    this.#links = links;
  }

  get element() {
    return this.#notice.element;
  }

  /** @param {Trouble} trouble */
  render(trouble) {
    clearTimeout(this.#timer);
    const { state, since } = trouble;
    const notice = state in words.BANNER ? noticeOf(trouble, this.#links) : null;
    const wait = state === ConnectionState.RECONNECTING ? since + PATIENCE_MS - Date.now() : 0;
    if (notice && wait > 0) {
      this.#timer = setTimeout(() => this.render(trouble), wait);
      return;
    }
    this.#notice.render(notice);
    if (notice && this.#told !== state) this.#links.say(`${notice.title} ${notice.text}`.trim());
    this.#told = notice ? state : "";
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

/**
 * @param {Trouble} trouble
 * @param {BannerLinks} links
 * @returns {NoticeText}
 */
function noticeOf(trouble, links) {
  const [title, text] = sentences(trouble);
  return { title, text, tone: trouble.noDraft ? "warn" : TONES[trouble.state], actions: actionsFor(trouble, links) };
}

/**
 * @param {Trouble} trouble
 * @param {BannerLinks} links
 * @returns {Action[]}
 */
function actionsFor({ state, ended, held, noDraft }, { signIn, restart, onTryNow, onUploadAgain }) {
  switch (state) {
    case ConnectionState.RECONNECTING:
    case ConnectionState.OFFLINE:
      return [{ words: words.TRY_NOW, act: onTryNow }];
    case ConnectionState.SIGNED_OUT:
      return [{ words: words.SIGN_IN, href: signIn, target: "_blank" }];
    case ConnectionState.COMMITTED:
      return ended?.url ? [{ words: words.OPEN_PRODUCT, href: ended.url }] : [];
    case ConnectionState.EXPIRED:
      if (held.length === 0) return [{ words: words.START_AGAIN, href: restart }];
      return [
        ...(noDraft === NoDraft.SIGNED_OUT ? [{ words: words.SIGN_IN, href: signIn, target: "_blank" }] : []),
        { words: noDraft ? words.TRY_AGAIN : words.UPLOAD_AGAIN, act: onUploadAgain },
      ];
    case ConnectionState.LIMITED:
    case ConnectionState.NOT_ALLOWED:
      return [];
    default:
      return [{ words: words.START_AGAIN, href: restart }];
  }
}

/**
 * @param {Trouble} trouble
 * @returns {[string, string]} title and text
 */
function sentences({ state, since, graceSeconds, ended, held, noDraft }) {
  const [title, text] = words.BANNER[state];
  if (PASSING.has(state)) return [title, words.nothingLost(graceSeconds === null ? null : since + graceSeconds * 1000)];
  if (!ended) return [title, text];
  if (state === ConnectionState.EXPIRED) {
    const heading = ended.names.length > 0 ? words.expired(ended.names.length) : title;
    const images = words.stillHeld(held, without(ended.names, held));
    return noDraft ? [words.NO_DRAFT, `${words.NO_DRAFT_ADVICE[noDraft]} ${images}`] : [heading, images];
  }
  return [
    state === ConnectionState.DISCARDED ? words.discardedBy(ended.by) : title,
    ended.names.length > 0 ? `${words.lost(ended.names)} ${text}` : text,
  ];
}
