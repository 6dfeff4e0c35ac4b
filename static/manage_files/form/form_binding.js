// @ts-check
/** Binds the draft to the form around it: its text, its variant rows, saving and cancelling. */
import { UNKNOWN } from "../model/form/field_sync.js";
import { sendLeft, textIn } from "../recovery/left_text.js";
import { UnsentEdits } from "../recovery/unsent_edits.js";
import { UploadLocks } from "../recovery/upload_locks.js";
import { newOp } from "../transport/ids.js";
import { Autosave } from "./autosave.js";
import { CancelHandler } from "./cancel.js";
import { Colleagues } from "./colleagues.js";
import { FormLock } from "./form_lock.js";
import { OtherTabs } from "./other_tabs.js";
import { SubmitHandler } from "./submit.js";
import { TextGuard } from "./text_guard.js";
import { VariantRows } from "./variant_rows.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Row } from "../model/form/variant_merge.js"
 * @import { RemovedRow } from "../arrange/undo_history.js"
 * @import { Edits, TextEdits } from "../recovery/unsent_edits.js"
 */

/** How often a page stores what the server does not have, at most. */
const STORE_MS = 1_000;
/** A page without a form. */
const PAGE = newOp();

export class FormBinding {
  #autosave;
  #rows;
  #submit;
  #cancel;
  #colleagues;
  #lock;
  #otherTabs;
  #textGuard;
  #live;
  #form;
  #draft;
  #lostDraft;
  #unsent;
  #locks = new UploadLocks();
  /** Pages whose edits this page sends, or waits to send. */
  #adopted = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #storing;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.element the custom element; its data attributes name everything else
   * @param {LiveDraft} parts.live
   * @param {(sentence: string) => void} parts.say
   * @param {(removed: RemovedRow) => void} parts.onRowRemoved called when the user removed a variant row
   * @param {() => Promise<void>} parts.onRestore called when the user wants the images of the expired draft in a new
   *   one
   */
  constructor({ element, live, say, onRowRemoved, onRestore }) {
    const {
      form: formId = "",
      variantRows = "",
      variantTemplate = "",
      draft = "",
      lostDraft = "",
      user = "",
      textKeptDays = "0",
      cleanup = "",
      leave = "",
    } = element.dataset;
    const form = find(formId, HTMLFormElement);
    const container = find(variantRows, HTMLElement);
    const template = find(variantTemplate, HTMLTemplateElement);
    this.#live = live;
    this.#form = form;
    this.#draft = draft;
    this.#lostDraft = lostDraft;
    this.#unsent = new UnsentEdits(user, Number(textKeptDays));
    this.#textGuard = new TextGuard(element, say);
    this.#autosave = form && new Autosave(form, live, say);
    this.#rows =
      form &&
      container &&
      template &&
      new VariantRows({ form, container, template, live, say, onRemoved: onRowRemoved });
    this.#submit =
      form &&
      new SubmitHandler({
        form,
        live,
        host: element,
        flush: () => this.#flushForSaving(),
        onRestore,
        isInPlace: element.dataset.savesInPlace !== undefined,
      });
    this.#colleagues = form && new Colleagues(form, live, say);
    this.#lock = form && new FormLock(form, live, () => this.isEnding);
    this.#otherTabs = new OtherTabs(live);
    this.#cancel = new CancelHandler({
      form,
      live,
      host: element,
      addresses: { draft, cleanup, leave },
      flush: () => this.#flush(),
      isPending: () => this.#isTextPending,
    });
  }

  /** Whether this tab itself is ending the draft. */
  get isEnding() {
    return this.#cancel.isLeaving || Boolean(this.#submit?.isBusy);
  }

  start() {
    const saved = this.#takeLeft();
    this.#live.reapply(saved?.changes ?? []);
    // Rows first, so that the saved text contains them.
    this.#rows?.start(saved?.rows);
    this.#textGuard.start();
    this.#autosave?.start(saved?.text);
    this.#submit?.start();
    this.#cancel.start();
    this.#colleagues?.start();
    this.#lock?.start();
    this.#otherTabs.start();
    // Before anything is stored: an open page sends its own, and no other tab may be first to get this.
    this.#locks.acquire(this.#page);
    this.#form?.addEventListener("input", this.#changed);
    this.#live.addEventListener("change", this.#changed);
    this.#live.addEventListener("recovered", this.#recovered);
    this.#adoptAll();
    // Another page of this browser has stored something. Without locks, one that is open cannot be told from a closed one.
    if (navigator.locks) window.addEventListener("storage", this.#adoptAll);
    // Shows no prompt. It fires before the next page is requested; `pagehide` fires only after that.
    window.addEventListener("beforeunload", this.#onLeave);
    window.addEventListener("pagehide", this.#onLeave);
    window.addEventListener("pagehide", this.#onHide);
    document.addEventListener("visibilitychange", this.#flushHidden);
  }

  stop() {
    this.#rows?.stop();
    this.#textGuard.stop();
    this.#autosave?.stop();
    this.#submit?.stop();
    this.#cancel.stop();
    this.#colleagues?.stop();
    this.#lock?.stop();
    this.#otherTabs.stop();
    clearTimeout(this.#storing);
    this.#locks.releaseAll();
    window.removeEventListener("storage", this.#adoptAll);
    this.#form?.removeEventListener("input", this.#changed);
    this.#live.removeEventListener("change", this.#changed);
    this.#live.removeEventListener("recovered", this.#recovered);
    window.removeEventListener("beforeunload", this.#onLeave);
    window.removeEventListener("pagehide", this.#onLeave);
    window.removeEventListener("pagehide", this.#onHide);
    document.removeEventListener("visibilitychange", this.#flushHidden);
  }

  /** @param {Element} host */
  discard(host) {
    return this.#cancel.discard(host);
  }

  /**
   * Adds missing variant rows to which images belong.
   * @param {Row[]} rows
   */
  addRows(rows) {
    this.#rows?.addRows(rows);
  }

  /**
   * Stores text and rows in this tab for the page of another draft.
   * @param {string} draft
   */
  leaveFor(draft) {
    this.#autosave?.markDirty();
    const rows = this.#rows && { ...this.#rows.edits, base: [] };
    this.#unsent.handOver(draft, this.#page, { ...elsewhere(this.#edits), rows });
  }

  /**
   * Restores a removed variant row.
   * @param {Row} row
   * @param {number} index
   */
  async restoreRow(row, index) {
    await this.#rows?.restore(row, index);
  }

  /** Sends text and rows, whether they changed or not. */
  flushAll() {
    this.#autosave?.markDirty();
    return this.#flush();
  }

  /** Sends pending text at once and stores it in this browser, because a hidden page may never be shown again. */
  #flushHidden = () => {
    if (document.visibilityState === "hidden") this.#onLeave();
    else this.#unsent.stay(this.#draft);
  };

  #onLeave = () => {
    this.#store();
    if (this.#isPending) this.#unsent.leave(this.#draft, this.#page, this.#edits);
    if (this.#live.isOpen) this.#flush();
  };

  /** A later page may send what this one stored. */
  #onHide = () => this.#locks.releaseAll();

  #recovered = () => {
    this.#unsent.resume();
    // What other pages have kept waits while this one is offline.
    if (navigator.locks) this.#adoptAll();
  };

  /** Something was typed, or the server answered. */
  #changed = () => {
    this.#storing ??= setTimeout(() => this.#store(), STORE_MS);
  };

  #store() {
    clearTimeout(this.#storing);
    this.#storing = undefined;
    if (!this.#isPending) return this.#unsent.clear();
    // All of it, each time: one of two pending parts may be confirmed before the page is gone.
    this.#unsent.save(this.#draft, this.#page, this.#edits);
    this.#locks.acquire(this.#page);
  }

  /** Whether there is something that the server may not have, and that a later page can need. */
  get #isPending() {
    if (!this.#live.mayComeBack || this.#cancel.isLeaving) return false;
    return this.#isTextPending || this.#live.unconfirmed.length > 0;
  }

  get #isTextPending() {
    return Boolean(this.#autosave?.isPending || this.#rows?.isPending);
  }

  get #page() {
    return this.#autosave?.author ?? PAGE;
  }

  /** @returns {Edits} */
  get #edits() {
    const rows = this.#rows?.isPending ? this.#rows.edits : null;
    return { text: this.#autosave?.edits ?? null, rows, changes: this.#live.unconfirmed };
  }

  /**
   * What the page before this one in this tab left: for this draft, or for an expired one that this one replaces.
   * @returns {Edits|null}
   */
  #takeLeft() {
    const left = this.#unsent.takeLeft(this.#draft);
    if (left || !this.#lostDraft) return left;
    const lost = this.#unsent.takeLeft(this.#lostDraft);
    return lost && elsewhere(lost);
  }

  /** Sends what other pages of this draft could not, because they were closed or their browser crashed. */
  #adoptAll = async () => {
    await this.#live.waitForSnapshot();
    for (const draft of new Set([this.#draft, this.#lostDraft].filter(Boolean)))
      for (const page of this.#unsent.others(draft)) this.#adopt(draft, page);
  };

  /**
   * @param {string} draft
   * @param {string} page
   */
  async #adopt(draft, page) {
    if (page === this.#page || this.#adopted.has(page)) return;
    this.#adopted.add(page);
    // Where browsers have locks, a page that is open holds its own and sends its text itself.
    const isOurs = await this.#locks.acquire(page);
    // Offline nothing is read: sent later, it could arrive after what that page, reloaded, has sent since.
    const edits = isOurs && this.#live.draft.live ? this.#unsent.read(draft, page) : null;
    if (edits) {
      const { text, rows, changes } = draft === this.#draft ? edits : elsewhere(edits);
      this.#live.reapply(changes);
      if (rows) this.#rows?.adopt(rows);
      const rest = text && (await this.#sendLeft(text));
      // Rows and changes are edits of this page now.
      this.#unsent.settle(draft, page, edits, rest && { text: rest, rows: null, changes: [] });
    }
    this.#locks.release(page);
    this.#adopted.delete(page);
  }

  /**
   * @param {TextEdits} text
   * @returns {Promise<TextEdits|null>} the rest that is still to be kept
   */
  async #sendLeft(text) {
    const { unsent, refused } = await sendLeft(this.#live, text);
    const unplaced = this.#autosave?.takeRefused(refused) ?? Object.keys(refused);
    return textIn(text, new Set([...unsent, ...unplaced]));
  }

  #flushForSaving() {
    this.#autosave?.takeWaiting();
    return this.#flush();
  }

  #flush() {
    return Promise.all([this.#autosave?.flush(), this.#rows?.flush()]);
  }
}

/**
 * The same edits for another draft, which knows none of them.
 * @param {Edits} edits
 * @returns {Edits}
 */
function elsewhere({ text, rows }) {
  const changed = Object.entries(text?.fields ?? {}).map(([name, { values }]) => [name, { values, agreed: UNKNOWN }]);
  return {
    text: text && { author: text.author, sent: [], fields: Object.fromEntries(changed) },
    rows,
    changes: [],
  };
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T|null}
 */
function find(id, type) {
  const element = document.getElementById(id);
  return element instanceof type ? element : null;
}
