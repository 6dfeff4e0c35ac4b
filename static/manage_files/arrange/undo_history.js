// @ts-check
/** Records what this tab did, offers to undo the last step in a toast, and undoes it on Ctrl+Z. */
import { lists, removedCards } from "../model/cards.js";
import { moveStep, takeLast, withStep } from "../model/undo.js";
import * as announcements from "../text/announcements.js";
import { Toast } from "../view/ui/toast.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Row } from "../model/form/variant_merge.js"
 * @import { Order, Step } from "../model/undo.js"
 */

/** @typedef {{row: Row, index: number, files: string[]}} RemovedRow a variant row, where it stood, and its images */

/** Inputs in which Ctrl+Z undoes typing. */
const TEXT_FIELD = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=button])";

export class UndoHistory {
  /** @type {readonly Step[]} */
  #steps = [];
  #toast = new Toast(() => this.undo());
  #live;
  #slot;
  #restoreRow;
  #say;
  #onUndone;

  /**
   * @param {object} wiring
   * @param {LiveDraft} wiring.live
   * @param {() => Element} wiring.slot where to show the toast now
   * @param {(row: Row, index: number) => Promise<unknown>} wiring.restoreRow resolves when the server has it
   * @param {(sentence: string) => void} wiring.say
   * @param {(file: string) => void} wiring.onUndone this file is back and can be focused
   */
  constructor({ live, slot, restoreRow, say, onUndone }) {
    this.#live = live;
    this.#slot = slot;
    this.#restoreRow = restoreRow;
    this.#say = say;
    this.#onUndone = onUndone;
  }

  start() {
    document.addEventListener("keydown", this.#key);
    this.#live.addEventListener("change", this.#changed);
  }

  stop() {
    document.removeEventListener("keydown", this.#key);
    this.#live.removeEventListener("change", this.#changed);
    this.#toast.hide();
  }

  /**
   * Moves files and records where they were.
   * @param {"move"|"sort"} kind
   * @param {string[]} files in their new order
   * @param {{list: string, after: string|null}} position
   * @param {string} [sentence] describes the step; default: how many moved
   */
  move(kind, files, position, sentence) {
    const before = this.#orders();
    const name = files.length === 1 ? this.#nameOf(files[0]) : "";
    this.#live.move(files, position);
    const step = moveStep(kind, files, { before, after: this.#orders() });
    if (step) this.#record(step, sentence ?? announcements.justMoved(name, files.length));
  }

  /** @param {string[]} files */
  remove(files) {
    const names = files.map((file) => this.#nameOf(file));
    for (const file of files) this.#live.remove(file);
    // Files that were not stored yet are gone.
    const kept = new Set(this.#now().removedCards);
    const back = files.filter((file) => kept.has(file));
    if (back.length > 0) this.#record({ kind: "remove", files: back, before: [] }, announcements.removed(names));
  }

  /** @param {RemovedRow} removed */
  rowRemoved({ row, index, files }) {
    if (files.length === 0 && !row.label.trim()) return;
    const sentence = announcements.rowRemoved(row.label, files.length);
    if (files.length > 0) this.#say(sentence);
    this.#record({ kind: "variant", files, before: [], row, index }, sentence);
  }

  /** Undoes the last step that still applies. */
  undo() {
    const taken = this.#live.isOpen ? takeLast(this.#steps, this.#now()) : null;
    this.#steps = taken?.steps ?? [];
    this.#toast.hide();
    if (taken) this.#perform(taken.step);
    return taken !== null;
  }

  /** @param {Step} step */
  async #perform({ kind, row, index = 0, files, ...step }) {
    if (row) await this.#restoreRow(row, index);
    // A variant's images have moved elsewhere by the time its row is restored.
    const { commands } = takeLast([{ kind, row, index, files, ...step }], this.#now()) ?? { commands: [] };
    for (const command of commands) {
      if (command.kind === "move") this.#live.move(command.files, command);
      else if (command.kind === "restore") this.#live.restore(command.file);
    }
    // Restored files are announced like every change.
    if (kind !== "remove") this.#say(announcements.UNDONE[kind]);
    if (files.length > 0) this.#onUndone(files[0]);
  }

  /**
   * @param {Step} step
   * @param {string} sentence
   */
  #record(step, sentence) {
    this.#steps = withStep(this.#steps, step);
    this.#toast.show(this.#slot(), sentence);
  }

  #changed = () => {
    if (!this.#toast.isShown) return;
    const last = this.#steps.at(-1);
    if (!this.#live.isOpen || !last || takeLast([last], this.#now()) === null) this.#toast.hide();
  };

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    const { target, key, code, ctrlKey, metaKey, shiftKey, altKey } = event;
    if (event.defaultPrevented || ctrlKey === metaKey || shiftKey || altKey) return;
    // Keyboards without Latin letters have their Z key in the same position.
    if (key.toLowerCase() !== "z" && (code !== "KeyZ" || /^[a-z]$/i.test(key))) return;
    if (!(target instanceof Element) || target.closest(TEXT_FIELD)) return;
    // Another dialog is open on top and has to be answered first.
    const open = [...document.querySelectorAll("dialog[open]")];
    if (open.some((dialog) => !dialog.contains(this.#slot()))) return;
    if (this.undo()) event.preventDefault();
  };

  /** @returns {Order[]} */
  #orders() {
    return lists(this.#live.draft).map(({ id, cards }) => ({ id, files: cards.map((card) => card.id) }));
  }

  #now() {
    return { lists: this.#orders(), removedCards: removedCards(this.#live.draft).map(({ id }) => id) };
  }

  /** @param {string} file */
  #nameOf(file) {
    return this.#live.draft.snapshot?.files.find((each) => each.file === file)?.name ?? "";
  }
}
