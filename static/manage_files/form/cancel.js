// @ts-check
/** Ends the draft at once on *Cancel* and *Discard all*, after a confirmation if anything would be lost with it. */
import { elapsed } from "../client/wait_until.js";
import { isNewProduct, isNothing, lossesOf } from "../model/losses.js";
import * as discardMessages from "../text/discard_messages.js";
import * as messages from "../text/messages.js";
import { ConfirmDialog } from "../view/ui/confirm_dialog.js";
import { el } from "../view/ui/dom.js";
import { csrfToken } from "./csrf.js";
import { typedText } from "./typed_text.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Losses } from "../model/losses.js"
 */

const ANSWER_TIMEOUT_MS = 3_000;
const FLUSH_TIMEOUT_MS = 1_000;

export class CancelHandler {
  #form;
  #live;
  #host;
  #addresses;
  #flush;
  #isPending;
  #started = false;
  #isAsking = false;
  #leaving = false;

  /**
   * @param {object} parts
   * @param {HTMLFormElement|null} parts.form
   * @param {LiveDraft} parts.live
   * @param {HTMLElement} parts.host where *Cancel* asks; its data attributes name the edited product, the title field,
   *   and for how many days typed text is kept
   * @param {{draft: string, cleanup: string, leave: string}} parts.addresses
   * @param {() => Promise<unknown>} parts.flush sends text that is not sent yet
   * @param {() => boolean} parts.isPending whether the server may not have some of it
   */
  constructor({ form, live, host, addresses, flush, isPending }) {
    this.#form = form;
    this.#live = live;
    this.#host = host;
    this.#addresses = addresses;
    this.#flush = flush;
    this.#isPending = isPending;
  }

  /** Whether this tab is ending the draft, so that its end is expected. */
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
   * Asks if something would be lost, then discards the draft and leaves.
   * @param {Element} host where to ask
   */
  async discard(host) {
    if (this.#leaving || this.#isAsking) return;
    if (!this.#live.isOpen) return this.#go();
    this.#isAsking = true;
    const isSure = await this.#isSure(host);
    this.#isAsking = false;
    if (!isSure) return;
    this.#leaving = true;
    if (!(await this.#live.discard(ANSWER_TIMEOUT_MS))) await this.#cleanUp();
    this.#go();
  }

  /**
   * @param {Element} host
   * @returns {Promise<boolean>} whether nothing would be lost, or the user confirmed it
   */
  async #isSure(host) {
    // Only text that has reached the server is kept. A page that was just opened has yet to connect.
    const flushed = this.#live.waitForSnapshot().then(() => this.#flush());
    await Promise.race([flushed, elapsed(FLUSH_TIMEOUT_MS)]);
    const isNew = isNewProduct(this.#live.draft, this.#host.dataset.edited ?? "");
    const losses = lossesOf(this.#live.draft, typedText(this.#form, isNew));
    return isNothing(losses) || this.#confirmed(host, losses, isNew);
  }

  /** A page restored from the back/forward cache is in the state in which it was left. */
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

  /**
   * @param {Element} host
   * @param {Losses} losses
   * @param {boolean} isNew
   */
  async #confirmed(host, losses, isNew) {
    const { titleField = "", textKeptDays = "0", edited = "" } = this.#host.dataset;
    const title = document.getElementById(titleField);
    const name = title instanceof HTMLInputElement ? title.value.trim() : "";
    const deleted = discardMessages.losses(losses);
    const typed = this.#isPending() ? discardMessages.TYPED_UNSENT : discardMessages.typedKept(Number(textKeptDays));
    const sentences = [...(losses.typed ? [typed] : []), ...(isNew ? [] : [discardMessages.PRODUCT_STAYS])];
    const dialog = new ConfirmDialog({
      title: isNew ? discardMessages.discardQuestion(name) : discardMessages.discardChangesQuestion(edited),
      body: [
        ...(deleted.length > 0 ? [el("p", {}, discardMessages.WILL_BE_DELETED)] : []),
        ...(deleted.length > 0 ? [el("ul", {}, ...deleted.map((loss) => el("li", {}, loss)))] : []),
        ...sentences.map((sentence) => el("p", {}, sentence)),
      ],
      choices: [
        { label: messages.KEEP_EDITING, value: "keep" },
        { label: messages.DISCARD, value: "discard", look: "danger" },
      ],
    });
    return (await dialog.ask(host)) === "discard";
  }

  /** Discards over HTTP if the socket does not respond. */
  async #cleanUp() {
    const { cleanup, draft } = this.#addresses;
    await fetch(cleanup, {
      method: "POST",
      headers: { "X-CSRFToken": csrfToken(this.#form) },
      body: new URLSearchParams({ draft }),
      keepalive: true,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
    }).catch(() => {}); // the draft then expires after its grace
  }

  #go() {
    location.assign(this.#addresses.leave);
  }
}
