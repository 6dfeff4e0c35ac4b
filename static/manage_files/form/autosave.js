// @ts-check
/**
 * Keeps the text of the form and of the draft in sync. What is typed here goes to the server field by field, and what
 * is typed elsewhere comes in by the rules of `model/form/field_sync.js`. The focused field is never changed.
 */
import { textBytes } from "../model/form/clean_text.js";
import { sameValues, syncField, UNKNOWN } from "../model/form/field_sync.js";
import { textBatches } from "../model/form/text_batches.js";
import * as messages from "../text/form_messages.js";
import { retryDelay } from "../transport/backoff.js";
import { newOp } from "../transport/ids.js";
import { ClientType, Code } from "../transport/protocol.js";
import { RefusedError } from "../transport/requests.js";
import { FieldNotes } from "./field_notes.js";
import {
  fieldsOf,
  formFields,
  hidden,
  isFocused,
  labelOf,
  markSaved,
  originalValuesOf,
  setHidden,
  valuesOf,
  writeValues,
} from "./fields.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { FieldRecord } from "../model/form/field_sync.js"
 * @import { Changes } from "../model/form/text_batches.js"
 * @import { TextEdits } from "../recovery/unsent_edits.js"
 * @import { Control } from "./fields.js"
 */

const DEBOUNCE_MS = 400;
/** Used before the first snapshot. */
const MAX_TEXT_BYTES = 65_536;
/** Retryable refusals in a row, after which the page reports that text couldn't be kept. */
const MAX_FAILURES = 6;
/** The author id of this page, which it keeps in a new draft: its own text never counts as another tab's. */
let author = newOp();

export class Autosave {
  #form;
  #live;
  #say;
  #started = false;
  /** @type {Map<string, FieldRecord>} */
  #records = new Map();
  /** @type {Map<string, {fields: Changes, done: Promise<void>}>} by `op`, in their order */
  #unanswered = new Map();
  #notes = new FieldNotes();
  /** @type {unknown} the latest snapshot that was handled */
  #seen = null;
  /** Sends the whole form, for a server of the previous version. */
  #isNoted = true;
  /** Answers in a row that asked to try again. */
  #failures = 0;
  /** Until then nothing is sent by itself, in milliseconds since the epoch. */
  #restsUntil = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {HTMLFormElement} form
   * @param {LiveDraft} live
   * @param {(sentence: string) => void} say
   */
  constructor(form, live, say) {
    this.#form = form;
    this.#live = live;
    this.#say = say;
  }

  /** @param {TextEdits|null} [saved] what was typed before a reload */
  start(saved = null) {
    if (this.#started) return;
    this.#started = true;
    this.#form.addEventListener("input", this.#changed);
    this.#form.addEventListener("change", this.#committed);
    this.#form.addEventListener("focusout", this.#left);
    this.#live.addEventListener("change", this.#synced);
    // A form that came back goes on in the name of the page that sent it.
    if (this.#cameBack) author = hidden(this.#form, "form_author")?.value || author;
    if (saved) this.#restore(saved);
    // What this page typed is no news to it when it saves.
    setHidden(this.#form, "form_author", author);
    this.#schedule();
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    clearTimeout(this.#timer);
    this.#form.removeEventListener("input", this.#changed);
    this.#form.removeEventListener("change", this.#committed);
    this.#form.removeEventListener("focusout", this.#left);
    this.#live.removeEventListener("change", this.#synced);
    this.#notes.clear();
  }

  /** Whether the server may not have the text, yet or at all: it may be too long, or the draft over. */
  get isPending() {
    return this.#unanswered.size > 0 || Object.keys(this.edits.fields).length > 0;
  }

  get #cameBack() {
    return "sent" in this.#form.dataset;
  }

  /** The author id of this page. */
  get author() {
    return author;
  }

  /** @returns {TextEdits} */
  get edits() {
    const sent = [...this.#unanswered].map(([op, { fields }]) => ({ op, fields }));
    const changed = [...fieldsOf(this.#form)].flatMap(([name, controls]) => {
      const { agreed } = this.#record(name, controls);
      const values = valuesOf(controls);
      // With an `op` of its own: two pages that send it for this one send it once.
      return sameValues(values, agreed.values) ? [] : [[name, { values, agreed, op: newOp() }]];
    });
    return { author, sent, fields: Object.fromEntries(changed) };
  }

  /** Marks all text as new, because the draft it moves to has none of it. */
  markDirty() {
    this.#isNoted = false;
    this.#records.clear();
    for (const [name, controls] of fieldsOf(this.#form)) this.#record(name, controls).agreed = UNKNOWN;
  }

  /** Lets focused fields take the newer values they are waiting for, because the form is about to be saved. */
  takeWaiting() {
    this.#sync(true);
  }

  /** Sends the text now if it changed; resolves when the server has it, or when the draft has ended. */
  async flush(isTyping = false) {
    clearTimeout(this.#timer);
    // Apply the latest snapshot first: the next change is based on what it says of a field.
    this.#sync();
    const unsent = this.#unsent();
    // A slow server gets one change of a field at a time while it is typed, and the newest value then.
    if (isTyping) for (const name of unsent.keys()) if (this.#records.get(name)?.sent) unsent.delete(name);
    if (unsent.size > 0 && this.#live.draft.live) this.#send(unsent);
    await Promise.all([...this.#unanswered.values()].map(({ done }) => done));
  }

  /** @type {(event: Event) => void} */
  #changed = () => {
    this.#isNoted = false;
    this.#schedule();
  };

  /** Sends a field at once after it lost the focus, so that the dialog shows a variant's name when it opens next. */
  #committed = () => {
    this.#isNoted = false;
    this.flush();
  };

  #schedule() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(true), Math.max(DEBOUNCE_MS, this.#restsUntil - Date.now()));
  }

  /** Updates a field that was waiting to lose the focus. */
  #left = () => {
    // After the focus has moved.
    setTimeout(() => this.#started && this.#sync());
  };

  /** Reacts to a change of the draft or of the connection. */
  #synced = () => {
    const { snapshot, live } = this.#live.draft;
    if (snapshot === this.#seen || !live) return;
    this.#seen = snapshot;
    this.#sync();
    // Send what was typed offline and what has to be sent again.
    if (this.#unsent().size > 0) this.#schedule();
  };

  // Incoming -----------------------------------------------------------------------------------------

  #sync(takesFocused = false) {
    const fields = this.#live.draft.snapshot?.fields;
    if (!fields) return;
    for (const [name, controls] of fieldsOf(this.#form)) {
      const current = fields[name];
      if (!current) continue;
      const record = this.#record(name, controls);
      const loaded = record.agreed === UNKNOWN ? originalValuesOf(controls) : undefined;
      const local = { shown: valuesOf(controls), agreed: record.agreed, loaded, isSending: record.sent !== null };
      const decision = syncField(local, current, new Set([author]));
      if (decision.take && !takesFocused && isFocused(controls)) continue;
      record.agreed = decision.agreed;
      record.isAsked = decision.isAsked;
      if (decision.take) {
        writeValues(controls, current.values);
        // What a colleague saved is the product's own value from now on, so nobody can lose it.
        if (current.name) markSaved(controls);
        // In the format of the field: a number field may not accept this text.
        record.agreed = { values: valuesOf(controls), revision: current.revision };
        this.#notes.highlight(controls);
        this.#say(messages.fieldUpdated(labelOf(controls), current.name));
      }
      const choose = (/** @type {string[]} */ values) => this.#choose(controls, values);
      const isNew = this.#notes.showOffers(name, controls, decision.offers, choose);
      if (isNew && !decision.take) this.#say(messages.fieldContested(labelOf(controls), decision.offers[0].name));
    }
    // Offers shown below their field when the product is saved count as seen.
    setHidden(this.#form, "form_revision", String(this.#live.draft.snapshot?.revision));
  }

  /**
   * @param {Control[]} controls
   * @param {string[]} values
   */
  #choose(controls, values) {
    writeValues(controls, values);
    controls[0].focus();
    // As if it had been typed, because other listeners need to hear of it too.
    controls[0].dispatchEvent(new Event("input", { bubbles: true }));
    this.flush();
  }

  // Outgoing -----------------------------------------------------------------------------------------

  /** @returns {Map<string, {values: string[], base: number}>} values that have not been sent to the server */
  #unsent() {
    const unsent = new Map();
    if (!this.#live.isOpen) return unsent;
    const limit = this.#live.draft.snapshot?.limits.max_text_bytes ?? MAX_TEXT_BYTES;
    for (const [name, controls] of fieldsOf(this.#form)) {
      const record = this.#record(name, controls);
      const values = valuesOf(controls);
      const isChanged = record.isAsked || !sameValues(values, record.sent?.values ?? record.agreed.values);
      const isLong = isChanged && textBytes(values) > limit;
      const isRefused = record.refused !== null && sameValues(values, record.refused);
      if (!isRefused) record.refused = null;
      if (isLong || !isRefused) this.#tell(name, controls, isLong ? messages.TEXT_TOO_LONG : "");
      if (isChanged && !isLong && !isRefused) unsent.set(name, { values, base: record.agreed.revision });
    }
    return unsent;
  }

  /** @param {Map<string, {values: string[], base: number}>} unsent */
  #send(unsent) {
    if (this.#live.draft.snapshot?.fields === undefined) return this.#note();
    for (const batch of textBatches(unsent)) this.#deliver(newOp(), batch);
  }

  /**
   * @param {string} op
   * @param {Changes} fields
   */
  #deliver(op, fields) {
    const controls = fieldsOf(this.#form);
    for (const [name, { values }] of Object.entries(fields)) {
      const record = this.#record(name, controls.get(name) ?? []);
      record.sent = { op, values };
      record.isAsked = false;
    }
    const done = this.#live.saveText({ type: ClientType.EDIT, op, author, fields }).then(
      ({ revision }) => this.#answered(op, fields, revision),
      (error) => this.#failed(op, fields, error),
    );
    this.#unanswered.set(op, { fields, done });
  }

  /**
   * @param {string} op
   * @param {Changes} fields
   * @param {number} revision
   */
  #answered(op, fields, revision) {
    this.#unanswered.delete(op);
    this.#failures = 0;
    for (const [name, { values }] of Object.entries(fields)) {
      const record = this.#records.get(name);
      if (!record) continue;
      record.agreed = { values, revision };
      if (record.sent?.op === op) record.sent = null;
    }
    this.#sync();
    if (this.#unsent().size > 0) this.#schedule();
  }

  /**
   * @param {string} op
   * @param {Changes} fields
   * @param {Error} error
   */
  #failed(op, fields, error) {
    this.#unanswered.delete(op);
    const names = Object.keys(fields);
    for (const name of names) {
      const record = this.#records.get(name);
      if (record?.sent?.op === op) record.sent = null;
    }
    // The draft has ended. The form still has the text, for the save or for another draft.
    if (!(error instanceof RefusedError) || !this.#live.isOpen) return;
    // A server of the previous version: send it the whole form from now on.
    if (this.#live.draft.snapshot?.fields === undefined) return this.#schedule();
    if (error.retryable && this.#failures < MAX_FAILURES) {
      this.#restsUntil = Date.now() + retryDelay(this.#failures);
      this.#failures += 1;
      return this.#schedule();
    }
    if (names.length > 1) {
      // One of the fields is the reason; the others need not wait for it.
      for (const name of names) this.#deliver(newOp(), { [name]: fields[name] });
      return;
    }
    const record = this.#records.get(names[0]);
    const controls = fieldsOf(this.#form).get(names[0]);
    if (record) record.refused = fields[names[0]].values;
    const isLong = error.code === Code.TEXT_TOO_LARGE;
    if (controls) this.#tell(names[0], controls, isLong ? messages.TEXT_TOO_LONG : messages.TEXT_REFUSED);
    this.#schedule();
  }

  /** Sends the whole form to a server of the previous version. */
  #note() {
    if (this.#isNoted) return;
    this.#isNoted = true;
    const op = newOp();
    const sent = new Map([...fieldsOf(this.#form)].map(([name, controls]) => [name, valuesOf(controls)]));
    const agree = () => {
      for (const [name, values] of sent) {
        const record = this.#records.get(name);
        if (record) record.agreed = { ...record.agreed, values };
      }
    };
    // A refused text blocks nothing, because the form still has it.
    const done = this.#live.saveText({ type: ClientType.NOTE, fields: formFields(this.#form) }).then(agree, () => {});
    this.#unanswered.set(op, { fields: {}, done: done.finally(() => this.#unanswered.delete(op)) });
  }

  // -----------------------------------------------------------------------------------------------

  /**
   * @param {string} name
   * @param {Control[]} controls
   * @param {string} sentence
   */
  #tell(name, controls, sentence) {
    if (this.#notes.showProblem(name, controls, sentence)) this.#say(`${labelOf(controls)}: ${sentence}`);
  }

  /**
   * @param {string} name
   * @param {Control[]} controls
   * @returns {FieldRecord}
   */
  #record(name, controls) {
    const known = this.#records.get(name);
    if (known) return known;
    // A form that came back unsaved has text that the draft may not have.
    const agreed = this.#cameBack ? UNKNOWN : { values: originalValuesOf(controls), revision: 0 };
    /** @type {FieldRecord} */
    const record = { agreed, sent: null, refused: null, isAsked: false };
    this.#records.set(name, record);
    return record;
  }

  /**
   * Takes text of another page that the server refused into this form, where it says so.
   * @param {Changes} changes
   * @returns {string[]} the fields that have no place for it here
   */
  takeRefused(changes) {
    const isFree = (/** @type {[string, Control[]]} */ [name, field]) =>
      sameValues(valuesOf(field), this.#record(name, field).agreed.values);
    const free = [...fieldsOf(this.#form)].filter((each) => each[0] in changes && isFree(each));
    for (const [name, field] of free) writeValues(field, changes[name].values);
    this.#schedule();
    return Object.keys(changes).filter((name) => !free.some((each) => each[0] === name));
  }

  /** @param {TextEdits} saved */
  #restore({ author: before, sent, fields }) {
    // Keep the author id: what the page before the reload sent is not another tab's.
    author = before;
    const controls = fieldsOf(this.#form);
    for (const [name, { values, agreed }] of Object.entries(fields)) {
      const field = controls.get(name);
      if (!field) continue;
      this.#record(name, field).agreed = agreed;
      writeValues(field, values);
    }
    for (const { op, fields: changes } of sent) this.#deliver(op, changes);
    this.#isNoted = false;
  }
}
