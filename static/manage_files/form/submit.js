// @ts-check
/**
 * Saves the product: sends every change first, waits for unfinished images or leaves them out, and turns one click
 * into one product.
 */
import { CardState, cards, isUnfinished } from "../model/cards.js";
import { advance, IDLE } from "../model/total_progress.js";
import * as messages from "../text/messages.js";
import { ProgressSummary } from "../view/progress_summary.js";
import { ConfirmDialog } from "../view/ui/confirm_dialog.js";
import { el } from "../view/ui/dom.js";
import { refreshCsrf } from "./csrf.js";

/** @import { LiveDraft } from "../client/live_draft.js" */

const FLUSH_TIMEOUT_MS = 2_000;
/** After this time a save that led nowhere (stopped by the user, say) may be tried again. */
const GIVE_UP_MS = 15_000;

export class SubmitHandler {
  #form;
  #live;
  #host;
  #flush;
  #started = false;
  #busy = false;
  #cleared = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {HTMLFormElement} parts.form
   * @param {LiveDraft} parts.live
   * @param {Element} parts.host where questions are asked
   * @param {() => Promise<unknown>} parts.flush sends what is not sent yet
   */
  constructor({ form, live, host, flush }) {
    this.#form = form;
    this.#live = live;
    this.#host = host;
    this.#flush = flush;
  }

  /** Whether this tab is saving: then the end of the draft is expected. */
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
    await Promise.race([this.#flush(), elapsed(FLUSH_TIMEOUT_MS)]);
    if (!(await this.#mayProceed(submitter))) {
      this.#release();
      return;
    }
    // A move, or what a replacement took away, is still on its way: the save must not overtake it.
    await this.#live.waitForConfirmation(FLUSH_TIMEOUT_MS);
    // A form ignores a submit that is asked for while it is still dispatching the last one.
    await elapsed(0);
    this.#cleared = true;
    this.#timer = setTimeout(this.#release, GIVE_UP_MS);
    this.#form.requestSubmit(submitter);
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
   * @param {boolean} mayWait whether waiting is still a choice
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

/** @param {number} ms */
function elapsed(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
