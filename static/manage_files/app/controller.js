// @ts-check
/**
 * Passes user actions to the draft, and renders the draft in both views: the dialog, and the panel on the form page.
 */
import { displayName } from "../model/display_name.js";
import { TOLERANCE_MS } from "../model/kept_until.js";
import { groupProblems } from "../model/problem_groups.js";
import { advance, IDLE } from "../model/total_progress.js";
import * as announcements from "../text/announcements.js";
import * as messages from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { ACTION } from "../view/card/card_actions.js";
import { changeSummary } from "./change_summary.js";
import { viewModelOf } from "./view_model.js";

/**
 * @import { Arrangement } from "../arrange/arrangement.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Problem } from "../client/validation.js"
 * @import { FormBinding } from "../form/form_binding.js"
 * @import { Card } from "../model/cards.js"
 * @import { RecoverableFiles } from "../recovery/expired_draft.js"
 * @import { RecoveryNotices } from "../recovery/recovery_notices.js"
 * @import { UploadRecovery } from "../recovery/upload_recovery.js"
 * @import { StallDetector } from "../upload/stall_detector.js"
 * @import { UiAction } from "../view/card/card_actions.js"
 * @import { ImagePreviews } from "../view/card/image_previews.js"
 * @import { FilesDialog } from "../view/files_dialog.js"
 * @import { InlinePanel } from "../view/inline_panel.js"
 * @import { LightboxOpener } from "../view/lightbox/lightbox_opener.js"
 * @import { LiveRegion } from "../view/ui/live_region.js"
 * @import { Actions } from "./actions.js"
 * @import { Diagnosis } from "./diagnosis.js"
 * @import { ViewModel } from "./view_model.js"
 */

/** Views render once per frame. A hidden tab has no frames, but its live region and title still matter. */
const HIDDEN_FRAME_MS = 250;
/** Longer delays fire at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** @typedef {{file: File, list: string}} HeldFile a file, and the list it was in */

/**
 * @typedef {object} Parts
 * @property {HTMLElement} element
 * @property {LiveDraft} live
 * @property {LiveRegion} liveRegion
 * @property {FilesDialog} dialog
 * @property {InlinePanel} panel
 * @property {FormBinding} formBinding
 * @property {Arrangement} arrangement
 * @property {Actions} actions
 * @property {LightboxOpener} lightboxOpener
 * @property {StallDetector} stallDetector
 * @property {RecoveryNotices} notices
 * @property {Diagnosis} diagnosis
 * @property {UploadRecovery} recovery
 * @property {ImagePreviews} previews
 * @property {Array<{start(): void, stop(): void}>} running parts that run while the element is on a page
 */

export class Controller {
  #parts;
  #live;
  #liveRegion;
  /** @type {Problem[]} */
  #problems = [];
  #total = IDLE;
  /** Why no new draft could be opened, a `NewDraftError`; empty if that has not failed. */
  #newDraftError = "";
  /** @type {HeldFile[]} files being moved into a new draft */
  #uploadingAgain = [];
  /** @type {{cards: Card[], removedCards: Card[], ratio: number}|null} */
  #announced = null;
  /** The card to focus once it is in its final position. */
  #focusNext = "";
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #deadline;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#live = parts.live;
    this.#liveRegion = parts.liveRegion;
    this.#listen();
  }

  start() {
    const { element, running } = this.#parts;
    element.addEventListener(ACTION, this.#onAction);
    element.addEventListener("mf-focus-lost", this.#onFocusLost);
    for (const part of running) part.start();
    this.#render();
  }

  stop() {
    const { element, running, panel, dialog, stallDetector, previews } = this.#parts;
    element.removeEventListener(ACTION, this.#onAction);
    element.removeEventListener("mf-focus-lost", this.#onFocusLost);
    for (const part of running.toReversed()) part.stop();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    this.#frame = 0;
    this.#liveRegion.stop();
    panel.stop();
    dialog.stop();
    stallDetector.stop();
    previews.retain(new Set());
  }

  /**
   * Returns the files of an ended draft that can be moved into a new one, in order. The form gets their variant rows.
   * @returns {HeldFile[]}
   */
  heldFiles() {
    const earlier = this.#parts.notices.recoverable;
    if (earlier) this.#parts.formBinding.addRows(earlier.rows);
    const sent = this.#view().cards.flatMap(({ id, list, held }) => {
      const file = held ? this.#live.uploads.fileOf(id) : null;
      return file ? [{ file, list }] : [];
    });
    return [...this.#uploadingAgain, ...(earlier?.files ?? []), ...sent];
  }

  /**
   * Moves these files into a new draft: the form first, because images may belong to its rows.
   * @param {HeldFile[]} files
   * @returns {Promise<boolean>} true if this browser has cached them for the new draft; false if that has ended too,
   *   and `heldFiles()` still returns them
   */
  async uploadAgain(files) {
    this.#uploadingAgain = files;
    this.schedule();
    await this.#live.waitForSnapshot();
    await this.#parts.formBinding.flushAll();
    if (!this.#live.isOpen) return false;
    this.#uploadingAgain = [];
    this.schedule();
    for (const { file, list } of files) this.#live.add([file], { list });
    await this.#parts.recovery.settled();
    return true;
  }

  /**
   * Reports that no new draft could be opened, and why.
   * @param {string} reason a `NewDraftError`
   */
  reportNewDraftError(reason) {
    this.#newDraftError = reason;
    this.#liveRegion.say(`${messages.NEW_DRAFT_FAILED} ${messages.NEW_DRAFT_ADVICE[reason]}`);
    this.schedule();
  }

  /**
   * Restores the files of an expired draft, with their variants, into the draft of this page.
   * @param {RecoverableFiles} recoverable
   */
  async restoreExpired({ files, rows }) {
    this.#parts.formBinding.addRows(rows);
    const isDone = await this.uploadAgain(files);
    // The notice offers them again.
    if (!isDone) this.#uploadingAgain = [];
    return isDone;
  }

  #listen() {
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ then) =>
      this.#live.addEventListener(type, (event) => then(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this.schedule());
    on("problems", (problems) => this.showProblems(problems));
    on(
      "recovered",
      (uploads) =>
        this.#live.connection === ConnectionState.LIVE && this.#liveRegion.say(announcements.backOnline(uploads)),
    );
  }

  open() {
    this.#parts.dialog.open();
    this.#render();
  }

  /** @type {(event: Event) => void} */
  #onAction = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    this.#parts.actions.perform(/** @type {CustomEvent<UiAction>} */ (event).detail, this.#viewAround(target), target);
  };

  /** @type {(event: Event) => void} */
  #onFocusLost = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = /** @type {HTMLElement|null} */ (target.closest(".mf-card"));
    if (card) card.focus();
    else this.#viewAround(target).focusFallback();
  };

  /** @param {Element} target */
  #viewAround(target) {
    const { dialog, panel } = this.#parts;
    return dialog.element.contains(target) ? dialog : panel;
  }

  /**
   * Focuses a card as soon as it is shown in its current position, unless something else has the focus.
   * @param {string} file
   */
  focusCard(file) {
    this.#focusNext = file;
    this.schedule();
  }

  /** @param {Problem} problem the problem that was resolved */
  removeProblem(problem) {
    this.#problems = this.#problems.filter((each) => each !== problem);
    this.schedule();
  }

  /** @param {Problem[]} problems empty if the user dismissed them */
  showProblems(problems) {
    for (const { text } of groupProblems(problems)) this.#liveRegion.say(text);
    this.#problems =
      problems.length > 0 ? [...this.#problems, ...problems.filter((problem) => this.#isNew(problem))] : [];
    this.schedule();
  }

  /**
   * Whether to show it: a retried change does not report the same refusal twice.
   * @param {Problem} problem
   */
  #isNew({ name, message, isChange }) {
    return !isChange || !this.#problems.some((shown) => shown.name === name && shown.message === message);
  }

  #view() {
    const { arrangement, notices, diagnosis } = this.#parts;
    const again = this.#uploadingAgain.map(({ file }) => displayName(file.name));
    return viewModelOf(this.#live, {
      total: this.#total,
      problems: this.#problems,
      notices: notices.texts(again),
      waiting: [...again, ...notices.held],
      newDraftError: this.#newDraftError,
      problem: diagnosis.problem,
      selected: arrangement.selected,
      undoable: arrangement.undoable,
      isReordered: arrangement.isReordered,
    });
  }

  schedule() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => this.#render());
    this.#timer = setTimeout(() => this.#render(), HIDDEN_FRAME_MS);
  }

  #render() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    const { formBinding, stallDetector, previews, panel, dialog, arrangement, lightboxOpener } = this.#parts;
    // This tab itself saves or discards the draft, so its end is not reported while the page changes.
    if (formBinding.isEnding && !this.#live.isOpen) return;
    const view = this.#view();
    this.#total = view.total = advance(this.#total, view.cards, Date.now());
    const shown = view.lists.flatMap((list) => list.cards);
    if (stallDetector.update(shown, Date.now())) this.#liveRegion.say(messages.STALLED);
    this.#updatePreviews(view);
    const previewOf = (/** @type {string} */ id) => previews.urlOf(id);
    panel.render(view, previewOf);
    if (dialog.isOpen) dialog.render(view, previewOf);
    arrangement.suggest(view.lists);
    lightboxOpener.render();
    this.#moveFocus();
    this.#announceChanges(view);
    this.#watchDeadline(view);
  }

  /**
   * Without a connection, a tab is not notified that its images are gone.
   * @param {ViewModel} view
   */
  #watchDeadline({ live, isOpen, status: { until, isSignedOut } }) {
    clearTimeout(this.#deadline);
    const left = (isSignedOut || (isOpen && !live)) && until !== null ? until + TOLERANCE_MS - Date.now() : -1;
    if (left >= 0) this.#deadline = setTimeout(() => this.schedule(), Math.min(left + 1, LONGEST_TIMEOUT_MS));
  }

  #moveFocus() {
    const { dialog, panel } = this.#parts;
    const file = this.#focusNext;
    this.#focusNext = "";
    if (file) (dialog.isOpen ? dialog : panel).lists.cardOf(file)?.focus();
  }

  /** @param {ViewModel} view */
  #updatePreviews({ cards, removedCards }) {
    const { previews } = this.#parts;
    const all = [...cards, ...removedCards];
    for (const { id } of all) {
      const file = this.#live.uploads.fileOf(id);
      if (file) previews.request(id, file);
    }
    previews.retain(new Set(all.map(({ id }) => id)));
  }

  /** @param {ViewModel} view */
  #announceChanges({ cards, removedCards, total, connected }) {
    if (!connected && cards.length === 0) return;
    const now = { cards, removedCards, ratio: total.ratio };
    for (const sentence of changeSummary(this.#announced, now)) this.#liveRegion.say(sentence);
    this.#announced = now;
  }
}
