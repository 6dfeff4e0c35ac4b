// @ts-check
/** Carries what the user wants to the draft, and the draft to the two views: schedules, renders and announces. */

import { displayName } from "../model/display_name.js";
import { grouped } from "../model/problem_groups.js";
import { advance, IDLE } from "../model/total_progress.js";
import * as spokenWords from "../text/announcements.js";
import * as words from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { INTENTION } from "../view/card/card_actions.js";
import { news } from "./change_summary.js";
import { viewOf } from "./view_model.js";

/**
 * @import { Arranging } from "../arrange/arrangement.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Problem } from "../client/validation.js"
 * @import { FormBridge } from "../form/form_binding.js"
 * @import { Card } from "../model/cards.js"
 * @import { Offer } from "../recovery/expired_draft.js"
 * @import { KeptNotices } from "../recovery/recovery_notices.js"
 * @import { KeptDraft } from "../recovery/upload_recovery.js"
 * @import { Stalls } from "../upload/stall_detector.js"
 * @import { Intention } from "../view/card/card_actions.js"
 * @import { Previews } from "../view/card/image_previews.js"
 * @import { FilesWindow } from "../view/files_dialog.js"
 * @import { InlineView } from "../view/inline_panel.js"
 * @import { Looking } from "../view/lightbox/lightbox_opener.js"
 * @import { Announcer } from "../view/ui/live_region.js"
 * @import { Actions } from "./actions.js"
 * @import { View } from "./view_model.js"
 */

/** Views are drawn once a frame; a hidden tab has no frames, but its live region and title still matter. */
const HIDDEN_FRAME_MS = 250;

/** @typedef {{file: File, list: string}} Kept a file, and the list it was in */

/**
 * @typedef {object} Parts
 * @property {HTMLElement} element
 * @property {LiveDraft} live
 * @property {Announcer} announcer
 * @property {FilesWindow} dialog
 * @property {InlineView} inline
 * @property {FormBridge} bridge
 * @property {Arranging} arranging
 * @property {Actions} actions
 * @property {Looking} looking
 * @property {Stalls} stalls
 * @property {KeptNotices} notices
 * @property {KeptDraft} kept
 * @property {Previews} previews
 * @property {Array<{start(): void, stop(): void}>} running what runs while the element is on a page
 */

export class Presenter {
  #parts;
  #live;
  #announcer;
  /** @type {Problem[]} */
  #problems = [];
  #total = IDLE;
  /** Why there is no new draft: of `NoDraft`; empty while nobody asked for one in vain. */
  #noDraft = "";
  /** @type {Kept[]} files on their way into the draft again */
  #again = [];
  /** @type {{cards: Card[], tray: Card[], ratio: number}|null} */
  #seen = null;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#live = parts.live;
    this.#announcer = parts.announcer;
    this.#listen();
  }

  start() {
    const { element, running } = this.#parts;
    element.addEventListener(INTENTION, this.#intended);
    element.addEventListener("mf-focus-lost", this.#focusLost);
    for (const part of running) part.start();
    this.#render();
  }

  stop() {
    const { element, running, inline, dialog, stalls, previews } = this.#parts;
    element.removeEventListener(INTENTION, this.#intended);
    element.removeEventListener("mf-focus-lost", this.#focusLost);
    for (const part of running.toReversed()) part.stop();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.#announcer.stop();
    inline.stop();
    dialog.stop();
    stalls.stop();
    previews.keep(new Set());
  }

  /**
   * The files this tab still holds, in order.
   * @returns {Kept[]}
   */
  kept() {
    const sent = this.#view().cards.flatMap(({ id, list }) => {
      const file = this.#live.outbox.fileOf(id);
      return file ? [{ file, list }] : [];
    });
    return [...this.#again, ...sent];
  }

  /**
   * Fills a new draft with what was kept: first the form, since images may belong to its rows.
   * @param {Kept[]} kept
   * @returns {Promise<boolean>} true when this browser keeps them for the new draft; false when that has ended too: they
   *   are still among `kept()`
   */
  async addAgain(kept) {
    this.#again = kept;
    this.schedule();
    await this.#live.shown();
    await this.#parts.bridge.sendAll();
    if (!this.#live.isOpen) return false;
    this.#again = [];
    this.schedule();
    for (const { file, list } of kept) this.#live.add([file], { list });
    await this.#parts.kept.settled();
    return true;
  }

  /**
   * Says that no new draft could be started, and why.
   * @param {string} reason of `NoDraft`
   */
  tellNoDraft(reason) {
    this.#noDraft = reason;
    this.#announcer.say(`${words.NO_DRAFT} ${words.NO_DRAFT_ADVICE[reason]}`);
    this.schedule();
  }

  /**
   * Puts what an expired draft held into the draft of this page, variants and all.
   * @param {Offer} offer
   */
  async takeBack({ files, rows }) {
    this.#parts.bridge.adopt(rows);
    const isDone = await this.addAgain(files);
    // The notice offers them again.
    if (!isDone) this.#again = [];
    return isDone;
  }

  #listen() {
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ then) =>
      this.#live.addEventListener(type, (event) => then(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this.schedule());
    on("problems", (problems) => this.show(problems));
    on(
      "recovered",
      (uploads) =>
        this.#live.connection === ConnectionState.LIVE && this.#announcer.say(spokenWords.backOnline(uploads)),
    );
  }

  open() {
    this.#parts.dialog.open();
    this.#render();
  }

  /** @type {(event: Event) => void} */
  #intended = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    this.#parts.actions.carryOut(
      /** @type {CustomEvent<Intention>} */ (event).detail,
      this.#viewAround(target),
      target,
    );
  };

  /** @type {(event: Event) => void} */
  #focusLost = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = /** @type {HTMLElement|null} */ (target.closest(".mf-card"));
    if (card) card.focus();
    else this.#viewAround(target).focusFallback();
  };

  /** @param {Element} target */
  #viewAround(target) {
    const { dialog, inline } = this.#parts;
    return dialog.element.contains(target) ? dialog : inline;
  }

  /** @param {Problem} problem that is none any more */
  settle(problem) {
    this.#problems = this.#problems.filter((each) => each !== problem);
    this.schedule();
  }

  /** @param {Problem[]} problems none: the user has read them */
  show(problems) {
    for (const { text } of grouped(problems)) this.#announcer.say(text);
    this.#problems =
      problems.length > 0 ? [...this.#problems, ...problems.filter((problem) => this.#isNew(problem))] : [];
    this.schedule();
  }

  /**
   * Who tries a change again need not read its refusal twice.
   * @param {Problem} problem
   */
  #isNew({ name, message, isChange }) {
    return !isChange || !this.#problems.some((shown) => shown.name === name && shown.message === message);
  }

  #view() {
    const { arranging, notices } = this.#parts;
    const again = this.#again.map(({ file }) => displayName(file.name));
    return viewOf(this.#live, {
      total: this.#total,
      problems: this.#problems,
      notices: notices.texts(again),
      waiting: [...again, ...notices.held],
      noDraft: this.#noDraft,
      selected: arranging.selected,
      undoable: arranging.undoable,
      isNews: arranging.isNews,
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
    const { bridge, stalls, previews, inline, dialog, arranging, looking } = this.#parts;
    // This tab saves or discards the draft itself: no word about its end while the page changes.
    if (bridge.isEnding && !this.#live.isOpen) return;
    const view = this.#view();
    this.#total = view.total = advance(this.#total, view.cards, Date.now());
    const shown = view.lists.flatMap((list) => list.cards);
    if (stalls.mark(shown, Date.now())) this.#announcer.say(words.STALLED);
    this.#updatePreviews(view);
    const previewOf = (/** @type {string} */ id) => previews.urlOf(id);
    inline.render(view, previewOf);
    if (dialog.isOpen) dialog.render(view, previewOf);
    arranging.offer(view.lists);
    looking.render();
    this.#tellNews(view);
  }

  /** @param {View} view */
  #updatePreviews({ cards, tray }) {
    const { previews } = this.#parts;
    const all = [...cards, ...tray];
    for (const { id } of all) {
      const file = this.#live.outbox.fileOf(id);
      if (file) previews.want(id, file);
    }
    previews.keep(new Set(all.map(({ id }) => id)));
  }

  /** @param {View} view */
  #tellNews({ cards, tray, total, connected }) {
    if (!connected && cards.length === 0) return;
    const now = { cards, tray, ratio: total.ratio };
    for (const sentence of news(this.#seen, now)) this.#announcer.say(sentence);
    this.#seen = now;
  }
}
