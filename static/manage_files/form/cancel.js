// @ts-check
/** Ends the draft at once on *Cancel* and *Discard all*, after a confirmation when it holds images. */
import { CardState, cards, tray } from "../model/cards.js";
import * as messages from "../text/messages.js";
import { ConfirmDialog } from "../view/ui/confirm_dialog.js";
import { el } from "../view/ui/dom.js";
import { csrfToken } from "./csrf.js";

/** @import { LiveDraft } from "../client/live_draft.js" */

const ANSWER_TIMEOUT_MS = 3_000;

export class CancelHandler {
  #form;
  #live;
  #host;
  #addresses;
  #started = false;
  #leaving = false;

  /**
   * @param {object} parts
   * @param {HTMLFormElement|null} parts.form
   * @param {LiveDraft} parts.live
   * @param {Element} parts.host where *Cancel* asks
   * @param {{draft: string, cleanup: string, leave: string}} parts.addresses
   */
  constructor({ form, live, host, addresses }) {
    this.#form = form;
    this.#live = live;
    this.#host = host;
    this.#addresses = addresses;
  }

  /** Whether this tab is ending the draft: then its end is expected. */
  get isLeaving() {
    return this.#leaving;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#form?.addEventListener("click", this.#clicked);
    window.addEventListener("pageshow", this.#back);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    this.#form?.removeEventListener("click", this.#clicked);
    window.removeEventListener("pageshow", this.#back);
  }

  /**
   * Asks if there is something to lose, then discards the draft and leaves.
   * @param {Element} host where the question is asked
   */
  async discard(host) {
    if (this.#leaving) return;
    if (!this.#live.isOpen) return this.#go();
    const count = this.#ownImages();
    if (count > 0 && !(await confirmed(host, count))) return;
    this.#leaving = true;
    if (!(await this.#live.discard(ANSWER_TIMEOUT_MS))) await this.#cleanUp();
    this.#go();
  }

  /** A page restored from the back/forward cache is as it was left. */
  #back = () => {
    this.#leaving = false;
  };

  /** @type {(event: MouseEvent) => void} */
  #clicked = (event) => {
    const cancel = /** @type {Element} */ (event.target).closest("[data-cancel]");
    if (!cancel || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.discard(this.#host);
  };

  /** Images of the edited product stay with it; only what was added here is lost. */
  #ownImages() {
    const all = [...cards(this.#live.draft), ...tray(this.#live.draft)];
    return all.filter(({ state, attached }) => state !== CardState.ATTACHED && !attached).length;
  }

  /** Discards over HTTP when the socket does not answer. */
  async #cleanUp() {
    const { cleanup, draft } = this.#addresses;
    await fetch(cleanup, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(this.#form) },
      body: new URLSearchParams({ draft }),
      keepalive: true,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    }).catch(() => {}); // The draft then ends by itself, after its grace.
  }

  #go() {
    location.assign(this.#addresses.leave);
  }
}

/**
 * @param {Element} host
 * @param {number} count images
 */
async function confirmed(host, count) {
  const dialog = new ConfirmDialog({
    title: messages.discardQuestion(count),
    body: [el("p", {}, messages.DISCARD_DETAIL)],
    choices: [
      { label: messages.KEEP_EDITING, value: "keep" },
      { label: messages.DISCARD, value: "discard", look: "danger" },
    ],
  });
  return (await dialog.ask(host)) === "discard";
}
