// @ts-check
/** Ties the draft to the form around it: its text, its variant rows, saving and leaving. */

import { forgetEdits, keepEdits, takeEdits } from "../recovery/session_edits.js";
import { FormNote } from "./autosave.js";
import { FormLeave } from "./cancel.js";
import { OpenElsewhere } from "./other_tabs.js";
import { FormSubmit } from "./submit.js";
import { VariantRows } from "./variant_rows.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Row } from "../model/variant_merge.js"
 */

export class FormBridge {
  #note;
  #rows;
  #submit;
  #leave;
  #elsewhere;
  #live;
  #form;
  #draft;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.element the custom element, whose data attributes name everything
   * @param {LiveDraft} parts.live
   * @param {(sentence: string) => void} parts.say
   */
  constructor({ element, live, say }) {
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
    this.#note = form && new FormNote(form, live);
    this.#rows = form && container && template && new VariantRows({ form, container, template, live, say });
    this.#submit = form && new FormSubmit({ form, live, host: element, flush: () => this.#flush() });
    this.#elsewhere = new OpenElsewhere(live);
    this.#leave = new FormLeave({ form, live, host: element, addresses: { draft, cleanup, leave } });
  }

  /** Whether this tab itself is ending the draft now. */
  get isEnding() {
    return this.#leave.isLeaving || Boolean(this.#submit?.isBusy);
  }

  start() {
    const kept = takeEdits(this.#draft);
    this.#live.redo(kept?.changes ?? []);
    // The rows first: the note then holds them as they are.
    this.#rows?.start(kept?.rows);
    this.#note?.start(kept?.fields);
    this.#submit?.start();
    this.#leave.start();
    this.#elsewhere.start();
    this.#form?.addEventListener("input", this.#typed);
    // Nobody is asked anything by it: it comes before the next page is asked for, `pagehide` only after that.
    window.addEventListener("beforeunload", this.#left);
    window.addEventListener("pagehide", this.#left);
    document.addEventListener("visibilitychange", this.#hurry);
  }

  stop() {
    this.#rows?.stop();
    this.#note?.stop();
    this.#submit?.stop();
    this.#leave.stop();
    this.#elsewhere.stop();
    this.#form?.removeEventListener("input", this.#typed);
    window.removeEventListener("beforeunload", this.#left);
    window.removeEventListener("pagehide", this.#left);
    document.removeEventListener("visibilitychange", this.#hurry);
  }

  /** @param {Element} host */
  discard(host) {
    return this.#leave.discard(host);
  }

  /**
   * Puts in the variant rows that images belong to, where they are missing.
   * @param {Row[]} rows
   */
  adopt(rows) {
    this.#rows?.adopt(rows);
  }

  /** Sends text and rows, whether they changed or not. */
  sendAll() {
    this.#note?.touch();
    return this.#flush();
  }

  /** A hidden page may never be seen again: what is typed does not wait for the next keystroke. */
  #hurry = () => {
    if (this.#live.isOpen) this.#flush();
  };

  #left = () => {
    if (!this.#live.isOpen) return;
    // All of it, each time: of two parts on their way one may be confirmed before the page is gone.
    const changes = this.#live.unconfirmed;
    const edits = { fields: this.#note?.fields ?? null, rows: this.#rows?.edits ?? null, changes };
    if (this.#note?.isPending || this.#rows?.isPending || changes.length > 0) keepEdits(this.#draft, edits);
    this.#flush();
  };

  /** The page was not left after all, and what was kept is old. */
  #typed = () => forgetEdits(this.#draft);

  #flush() {
    return Promise.all([this.#note?.flush(), this.#rows?.flush()]);
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
