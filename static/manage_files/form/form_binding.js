// @ts-check
/** Binds the draft to the form around it: its text, its variant rows, saving and cancelling. */
import { clearEdits, saveEdits, takeEdits } from "../recovery/session_edits.js";
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
 */

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
      cleanup = "",
      leave = "",
    } = element.dataset;
    const form = find(formId, HTMLFormElement);
    const container = find(variantRows, HTMLElement);
    const template = find(variantTemplate, HTMLTemplateElement);
    this.#live = live;
    this.#form = form;
    this.#draft = draft;
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
    this.#cancel = new CancelHandler({ form, live, host: element, addresses: { draft, cleanup, leave } });
  }

  /** Whether this tab itself is ending the draft. */
  get isEnding() {
    return this.#cancel.isLeaving || Boolean(this.#submit?.isBusy);
  }

  start() {
    const saved = takeEdits(this.#draft);
    this.#live.reapply(saved?.changes ?? []);
    // Rows first, so that the saved text contains them.
    this.#rows?.start(saved?.rows);
    this.#textGuard.start();
    this.#autosave?.start(saved?.text, saved?.fields);
    this.#submit?.start();
    this.#cancel.start();
    this.#colleagues?.start();
    this.#lock?.start();
    this.#otherTabs.start();
    this.#form?.addEventListener("input", this.#onInput);
    // Shows no prompt. It fires before the next page is requested; `pagehide` fires only after that.
    window.addEventListener("beforeunload", this.#onLeave);
    window.addEventListener("pagehide", this.#onLeave);
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
    this.#form?.removeEventListener("input", this.#onInput);
    window.removeEventListener("beforeunload", this.#onLeave);
    window.removeEventListener("pagehide", this.#onLeave);
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
    const text = this.#autosave?.edits ?? null;
    const rows = this.#rows && { ...this.#rows.edits, base: [] };
    saveEdits(draft, { text, fields: null, rows, changes: [] });
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

  /** Sends pending text at once and stores it in this tab, because a hidden page may never be shown again. */
  #flushHidden = () => {
    if (document.visibilityState === "hidden") this.#onLeave();
    else clearEdits(this.#draft);
  };

  #onLeave = () => {
    if (!this.#live.mayComeBack) return;
    // All of it each time: one of two pending parts may be confirmed before the page is gone.
    const changes = this.#live.unconfirmed;
    const text = this.#autosave?.edits ?? null;
    const edits = { text, fields: this.#autosave?.fields ?? null, rows: this.#rows?.edits ?? null, changes };
    if (this.#autosave?.isPending || this.#rows?.isPending || changes.length > 0) saveEdits(this.#draft, edits);
    this.#flush();
  };

  /** Deletes the stored edits, which are outdated because the page was not left after all. */
  #onInput = () => clearEdits(this.#draft);

  #flushForSaving() {
    this.#autosave?.takeWaiting();
    return this.#flush();
  }

  #flush() {
    return Promise.all([this.#autosave?.flush(), this.#rows?.flush()]);
  }
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
