// @ts-check
/** Ties the draft to the form around it: its text, its variant rows, saving and leaving. */
import { FormLeave } from "./form_leave.js";
import { FormNote } from "./form_note.js";
import { FormSubmit } from "./form_submit.js";
import { OpenElsewhere } from "./open_elsewhere.js";
import { VariantRows } from "./variant_rows.js";

/** @import { LiveDraft } from "./live_draft.js" */

export class FormBridge {
  #note;
  #rows;
  #submit;
  #leave;
  #elsewhere;
  #live;

  /**
   * @param {object} parts
   * @param {HTMLElement} parts.element the custom element, whose data attributes name everything
   * @param {LiveDraft} parts.live
   * @param {(sentence: string) => void} parts.say
   */
  constructor({ element, live, say }) {
    const { form: formId = "", variantRows = "", variantTemplate = "", draft = "", cleanup = "", leave = "" } = element.dataset;
    const form = find(formId, HTMLFormElement);
    const container = find(variantRows, HTMLElement);
    const template = find(variantTemplate, HTMLTemplateElement);
    this.#live = live;
    this.#note = form && new FormNote(form, live, draft);
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
    // The rows first: the note then holds them as they are.
    this.#rows?.start();
    this.#note?.start();
    this.#submit?.start();
    this.#leave.start();
    this.#elsewhere.start();
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
    window.removeEventListener("beforeunload", this.#left);
    window.removeEventListener("pagehide", this.#left);
    document.removeEventListener("visibilitychange", this.#hurry);
  }

  /** @param {Element} host */
  discard(host) {
    return this.#leave.discard(host);
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
    this.#note?.keep();
    this.#flush();
  };

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
