// @ts-check
/**
 * Saves the product: sends every change first, waits for unfinished images or leaves them out, and turns any number of
 * clicks into one product. Without a network it waits, and the page stays.
 */
import { elapsed, waitUntil } from "../client/wait_until.js";
import { CardState, cards, isUnfinished } from "../model/cards.js";
import { advance, IDLE } from "../model/total_progress.js";
import * as messages from "../text/messages.js";
import * as savingMessages from "../text/saving_messages.js";
import { ConnectionState } from "../transport/connection.js";
import { ProgressSummary } from "../view/progress_summary.js";
import { ConfirmDialog } from "../view/ui/confirm_dialog.js";
import { el } from "../view/ui/dom.js";
import { refreshCsrf } from "./csrf.js";
import { hidden } from "./fields.js";
import { requestSave } from "./save_request.js";

/** @import { LiveDraft } from "../client/live_draft.js" */

const FLUSH_TIMEOUT_MS = 2_000;
/** After this time a save that had no result (stopped by the user, for example) may be retried. */
const GIVE_UP_MS = 15_000;
/** Maximum delay before an unresponsive server is asked again. */
const ASK_AGAIN_MS = 5_000;
const FIRST_PAUSE_MS = 500;
/** A response that takes longer is worth a message if the connection is down too. */
const STALLED_MS = 2_000;
const GONE = 410;

export class SubmitHandler {
  #form;
  #live;
  #host;
  #flush;
  #onRestore;
  #isInPlace;
  #started = false;
  #busy = false;
  #cleared = false;
  /** The newest revision of the draft that the page showed when the user saved. */
  #seen = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {HTMLFormElement} parts.form
   * @param {LiveDraft} parts.live
   * @param {Element} parts.host where to ask questions
   * @param {() => Promise<unknown>} parts.flush sends pending changes
   * @param {() => Promise<void>} parts.onRestore called when the user wants the expired images in a new draft
   * @param {boolean} parts.isInPlace whether the server can save without a new page (`requestSave`)
   */
  constructor({ form, live, host, flush, onRestore, isInPlace }) {
    this.#form = form;
    this.#live = live;
    this.#host = host;
    this.#flush = flush;
    this.#onRestore = onRestore;
    this.#isInPlace = isInPlace;
  }

  /** Whether this tab is saving, so that the end of the draft is expected. */
  get isBusy() {
    return this.#busy;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#form.addEventListener("submit", this.#submitted);
    window.addEventListener("pageshow", this.#release);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    clearTimeout(this.#timer);
    this.#form.removeEventListener("submit", this.#submitted);
    window.removeEventListener("pageshow", this.#release);
  }

  /** @type {(event: SubmitEvent) => void} */
  #submitted = (event) => {
    if (this.#cleared) {
      this.#cleared = false;
      refreshCsrf(this.#form);
      return;
    }
    event.preventDefault();
    if (!this.#busy) this.#prepare(event.submitter);
  };

  /** @param {HTMLElement|null} submitter */
  async #prepare(submitter) {
    this.#markBusy();
    this.#seen = this.#revision?.value ?? "";
    if (!(await this.#sendsAll(submitter))) return this.#release();
    const url = await this.#save(submitter);
    if (url === null) return this.#release();
    this.#timer = setTimeout(this.#release, GIVE_UP_MS);
    if (url) return location.assign(url);
    // A form ignores a submit requested while it is still dispatching the previous one.
    await elapsed(0);
    this.#cleared = true;
    this.#forgetUnseen();
    this.#form.requestSubmit(submitter);
  }

  /**
   * Sends every change, and asks about unfinished images.
   * @param {HTMLElement|null} submitter
   * @returns {Promise<boolean>} whether to save
   */
  async #sendsAll(submitter) {
    await Promise.race([this.#flush(), elapsed(FLUSH_TIMEOUT_MS)]);
    if (!(await this.#mayProceed(submitter))) return false;
    // A move or a replacement may still be pending; the save must not overtake it.
    await this.#live.waitForConfirmation(FLUSH_TIMEOUT_MS);
    return true;
  }

  /**
   * @param {HTMLElement|null} submitter
   * @returns {Promise<string|null>} where it was saved; empty: submit normally; null: do not save
   */
  async #save(submitter) {
    const isOffline = navigator.onLine === false;
    if (!this.#isInPlace) return isOffline ? this.#hold(submitter, null) : "";
    const asked = isOffline ? null : this.#request(this.#form, submitter);
    const saved = await Promise.race([asked, this.#stalls()]);
    return saved ? saved.url : this.#hold(submitter, asked);
  }

  /** Resolves when the response takes long and the connection is down too. */
  async #stalls() {
    do await elapsed(STALLED_MS);
    while (this.#live.draft.live);
    return null;
  }

  /**
   * Waits for the network and saves as soon as it is back. Images that expired meanwhile are asked about first.
   * @param {HTMLElement|null} submitter
   * @param {ReturnType<typeof requestSave>|null} asked the save that may still get a response
   * @returns {Promise<string|null>} see `#save`
   */
  async #hold(submitter, asked) {
    const isOffline = navigator.onLine === false;
    const dialog = new ConfirmDialog({
      title: isOffline ? savingMessages.OFFLINE : savingMessages.UNREACHABLE,
      body: [el("p", {}, isOffline ? savingMessages.WILL_SAVE : savingMessages.KEEPS_TRYING)],
      choices: [{ label: messages.CANCEL, value: "cancel" }],
    });
    const cancel = new AbortController();
    const cancelled = dialog.ask(this.#host).then(() => {
      cancel.abort();
      return /** @type {const} */ ("cancelled");
    });
    for (let tries = 0; ; tries += 1) {
      const saved = await Promise.race([cancelled, asked ?? this.#saveAgain(submitter, tries, cancel.signal)]);
      asked = null;
      if (saved === "cancelled") return null;
      if (!saved && !this.#isExpired) continue;
      dialog.answer("over");
      return this.#isExpired ? this.#askExpired() : (saved?.url ?? "");
    }
  }

  /**
   * @param {HTMLElement|null} submitter
   * @param {number} tries
   * @param {AbortSignal} signal aborted when the user cancelled, so that nothing is saved later
   * @returns {ReturnType<typeof requestSave>} null also if the draft has expired
   */
  async #saveAgain(submitter, tries, signal) {
    const live = this.#live;
    await elapsed(Math.min(ASK_AGAIN_MS, FIRST_PAUSE_MS * 2 ** tries));
    while (navigator.onLine === false) await elapsed(FIRST_PAUSE_MS);
    await waitUntil(live, () => live.draft.live || !live.isOpen, ASK_AGAIN_MS);
    if (this.#isExpired) return null;
    await Promise.race([this.#flush(), elapsed(FLUSH_TIMEOUT_MS)]);
    await live.waitForConfirmation(FLUSH_TIMEOUT_MS);
    if (signal.aborted) return null;
    if (!this.#isInPlace) return { url: "", status: 0 };
    const saved = await this.#request(this.#form, submitter, signal);
    // The server knows of the end before this tab does.
    if (saved?.status === GONE) await waitUntil(live, () => !live.isOpen, ASK_AGAIN_MS);
    return saved;
  }

  get #isExpired() {
    return this.#live.connection === ConnectionState.EXPIRED && Boolean(this.#live.ended?.names.length);
  }

  /** @returns {Promise<null>} */
  async #askExpired() {
    const dialog = new ConfirmDialog({
      title: savingMessages.EXPIRED,
      body: [el("p", {}, savingMessages.EXPIRED_DETAIL)],
      choices: [
        { label: savingMessages.RESTORE, value: "restore", look: "primary" },
        { label: messages.KEEP_EDITING, value: "" },
      ],
    });
    // Until there is a new draft, another save would use the old one.
    if ((await dialog.ask(this.#host)) === "restore") await this.#onRestore();
    return null;
  }

  /** @type {typeof requestSave} */
  #request(form, submitter, signal) {
    this.#forgetUnseen();
    return requestSave(form, submitter, signal);
  }

  /** A change that arrived after the click was not seen by the user, though the page shows it. */
  #forgetUnseen() {
    const revision = this.#revision;
    if (revision) revision.value = this.#seen;
  }

  /** @returns {HTMLInputElement|null} the newest revision of the draft that the page shows */
  get #revision() {
    return hidden(this.#form, "form_revision");
  }

  #markBusy() {
    this.#busy = true;
    this.#form.setAttribute("aria-busy", "true");
  }

  #release = () => {
    clearTimeout(this.#timer);
    this.#busy = false;
    this.#cleared = false;
    this.#form.removeAttribute("aria-busy");
    this.#without([]);
    // The end of a draft is not shown while the page changes; show it now.
    if (!this.#live.isOpen) this.#live.dispatchEvent(new Event("change"));
  };

  /**
   * @param {HTMLElement|null} submitter
   * @returns {Promise<boolean>}
   */
  async #mayProceed(submitter) {
    // A button that names the images to leave out has already asked.
    if (submitter?.getAttribute("name") === "without" || this.#unfinished().length === 0) return true;
    let answer = await this.#ask(messages.unfinishedTitle(this.#unfinished().length), true);
    if (answer === "wait") answer = await this.#ask(messages.WAITING_TO_SAVE, false);
    if (answer === "without") this.#without(this.#unfinished().map(({ id }) => id));
    return answer === "without" || answer === "ready";
  }

  /**
   * @param {string} title
   * @param {boolean} mayWait whether waiting is still an option
   */
  async #ask(title, mayWait) {
    const unfinished = this.#unfinished();
    const stuck = unfinished.filter(({ state }) => state === CardState.INTERRUPTED).length;
    const line = new ProgressSummary();
    const detail = !mayWait
      ? messages.WAITING_DETAIL
      : stuck > 0
        ? messages.stuckDetail(stuck)
        : messages.unfinishedDetail(unfinished.length);
    const wait = { label: messages.WAIT_AND_SAVE, value: "wait", look: /** @type {const} */ ("primary") };
    const dialog = new ConfirmDialog({
      title,
      body: [line.element, el("p", {}, detail)],
      choices: [
        ...(mayWait && stuck < unfinished.length ? [wait] : []),
        { label: messages.saveWithout(unfinished.length), value: "without" },
        { label: messages.KEEP_EDITING, value: "keep" },
      ],
    });
    let total = IDLE;
    const look = () => {
      const all = cards(this.#live.draft);
      total = advance(total, all, Date.now());
      line.render({ cards: all, total, connected: true, live: this.#live.draft.live });
      if (this.#unfinished().length === 0) dialog.answer("ready");
      // The draft has ended. The banner behind the dialog says why.
      else if (!this.#live.isOpen) dialog.answer("keep");
    };
    this.#live.addEventListener("change", look);
    look();
    const answer = await dialog.ask(this.#host);
    this.#live.removeEventListener("change", look);
    return answer;
  }

  #unfinished() {
    return cards(this.#live.draft).filter(isUnfinished);
  }

  /** @param {string[]} files */
  #without(files) {
    const field = this.#form.querySelector("input[type=hidden][name=without]");
    if (field instanceof HTMLInputElement) field.value = files.join(",");
  }
}
