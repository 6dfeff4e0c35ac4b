// @ts-check
/** The banner that reports connection problems and the end of the draft. */
import * as messages from "../text/messages.js";
import * as recoveryMessages from "../text/recovery_messages.js";
import { ConnectionState } from "../transport/connection.js";
import { Notice } from "./ui/notice.js";

/**
 * @import { NoticeAction, NoticeText } from "./ui/notice.js"
 * @import { EndedDraft } from "../recovery/ended_draft.js"
 * @import { Ended } from "../transport/protocol.js"
 */

/** A reconnect is often over before it is worth reporting. */
const PATIENCE_MS = 600;

/**
 * @typedef {object} ConnectionStatus
 * @property {string} state the state of the connection
 * @property {number} since milliseconds since the epoch
 * @property {number|null} until when the images are deleted, approximately, in milliseconds since the epoch; null if
 *   unknown
 * @property {boolean} isSignedOut
 * @property {boolean} isSending whether this tab has files that are not on the server
 * @property {Ended|null} ended
 * @property {EndedDraft|null} end what is left of a draft that expired or was discarded
 * @property {string[]} held names of images whose bytes this browser still has
 * @property {string} problem the server's problem, a key of `messages.SERVER_PROBLEM`; empty if unknown
 * @property {string} newDraftError why no new draft could be opened, a `NewDraftError`; empty if that has not failed
 */

/**
 * @typedef {object} BannerLinks
 * @property {string} signIn
 * @property {string} restart
 * @property {() => void} onTryNow
 * @property {() => void} onUploadAgain
 * @property {(() => void)|null} onCopy copies the text to a new product; null if there is none to copy to
 * @property {(sentence: string) => void} say announces it
 */

/** @type {ReadonlySet<string>} */
const PASSING = new Set([ConnectionState.RECONNECTING, ConnectionState.OFFLINE]);

/** @type {Record<string, string>} its importance; any other state is an end */
const TONES = {
  [ConnectionState.LIMITED]: "calm",
  [ConnectionState.RECONNECTING]: "warn",
  [ConnectionState.OFFLINE]: "warn",
  [ConnectionState.SIGNED_OUT]: "warn",
};

export class StatusBanner {
  #notice = new Notice();
  #links;
  /** The last announcement. */
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

  /** @param {ConnectionStatus} status */
  render(status) {
    clearTimeout(this.#timer);
    const { state, since, problem } = status;
    const notice = state in messages.BANNER ? noticeOf(status, this.#links) : null;
    const wait = state === ConnectionState.RECONNECTING ? since + PATIENCE_MS - Date.now() : 0;
    if (notice && wait > 0) {
      this.#timer = setTimeout(() => this.render(status), wait);
      return;
    }
    this.#notice.render(notice);
    const told = notice ? state + problem : "";
    if (notice && this.#told !== told) this.#links.say(`${notice.title} ${notice.text}`.trim());
    this.#told = told;
  }

  stop() {
    clearTimeout(this.#timer);
  }
}

/**
 * @param {ConnectionStatus} status
 * @param {BannerLinks} links
 * @returns {NoticeText}
 */
function noticeOf(status, links) {
  const [title, text] = sentences(status);
  return { title, text, tone: status.newDraftError ? "warn" : TONES[status.state], actions: actionsFor(status, links) };
}

/**
 * @param {ConnectionStatus} status
 * @param {BannerLinks} links
 * @returns {NoticeAction[]}
 */
function actionsFor(status, { signIn, restart, onTryNow, onUploadAgain, onCopy }) {
  const { state, ended, held, newDraftError, isSignedOut, isSending } = status;
  // Back to this page. A tab with files to send stays; it sends them once it is admitted again.
  const href = `${signIn}?${new URLSearchParams({ next: location.pathname + location.search })}`;
  const signInHere = { label: messages.SIGN_IN, href, ...(isSending ? { target: "_blank" } : {}) };
  if (isSignedOut) return [signInHere];
  const copy = onCopy ? [{ label: messages.COPY_TO_NEW, act: onCopy }] : [];
  switch (state) {
    case ConnectionState.RECONNECTING:
    case ConnectionState.OFFLINE:
      return [{ label: messages.TRY_NOW, act: onTryNow }];
    case ConnectionState.COMMITTED:
      return [...(ended?.url ? [{ label: messages.OPEN_PRODUCT, href: ended.url }] : []), ...copy];
    case ConnectionState.DISCARDED:
      return [...copy, ...(ended?.deleted ? [] : [{ label: messages.START_AGAIN, href: restart }])];
    case ConnectionState.EXPIRED:
      if (held.length === 0) return [{ label: messages.START_AGAIN, href: restart }];
      return [
        ...(newDraftError === messages.NewDraftError.SIGNED_OUT
          ? [{ label: messages.SIGN_IN, href: signIn, target: "_blank" }]
          : []),
        { label: newDraftError ? messages.TRY_AGAIN : recoveryMessages.RESTORE_IMAGES, act: onUploadAgain },
      ];
    case ConnectionState.OUTDATED:
      return [{ label: messages.RELOAD, act: () => location.reload() }];
    case ConnectionState.LIMITED:
    case ConnectionState.NOT_ALLOWED:
      return [];
    default:
      return [{ label: messages.START_AGAIN, href: restart }];
  }
}

/**
 * @param {ConnectionStatus} status
 * @returns {[string, string]} title and text
 */
function sentences({ state, until, ended, end, newDraftError, problem }) {
  const [title, text] = messages.BANNER[state];
  if ((state === ConnectionState.LIMITED || PASSING.has(state)) && problem in messages.SERVER_PROBLEM)
    return messages.SERVER_PROBLEM[problem];
  if (PASSING.has(state))
    return [title, until !== null && until < Date.now() ? messages.PERHAPS_EXPIRED : messages.nothingLost(until)];
  if (state === ConnectionState.SIGNED_OUT && until !== null) return [title, messages.signedOutUntil(until)];
  if (!ended) return [title, text];
  if (state === ConnectionState.EXPIRED && end) {
    const heading = end.count > 0 ? recoveryMessages.expired(end.count) : title;
    const images = recoveryMessages.stillHeld(end.held, end.lost);
    return newDraftError
      ? [messages.NEW_DRAFT_FAILED, `${messages.NEW_DRAFT_ADVICE[newDraftError]} ${images}`]
      : [heading, images];
  }
  if (ended.deleted) return [messages.deletedBy(ended.by), messages.DELETED_DETAIL];
  return [
    state === ConnectionState.DISCARDED ? messages.discardedBy(ended.by) : title,
    end && end.lost.length > 0 ? `${recoveryMessages.lost(end.lost)} ${text}` : text,
  ];
}
