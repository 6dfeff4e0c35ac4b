// @ts-check
/**
 * Builds the parts of `<manage-files>` and stands between them: carries what the user wants to the
 * draft, and the draft to the two views.
 */
import { Adding } from "../add/add_files.js";
import { DropZone } from "../add/drop_zone.js";
import { Arranging } from "../arrange/arrangement.js";
import { LiveDraft } from "../client/live_draft.js";
import { csrfToken } from "../form/csrf.js";
import { FormBridge } from "../form/form_binding.js";
import { lists } from "../model/cards.js";
import { displayName } from "../model/display_name.js";
import { MAIN } from "../model/list_id.js";
import { grouped } from "../model/problem_groups.js";
import { advance, IDLE } from "../model/total_progress.js";
import { KeptFiles } from "../recovery/file_cache.js";
import { KeptNotices } from "../recovery/recovery_notices.js";
import { KeptDraft } from "../recovery/upload_recovery.js";
import * as spokenWords from "../text/announcements.js";
import * as words from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { HttpSocket } from "../transport/http_socket.js";
import { Stalls } from "../upload/stall_detector.js";
import { INTENTION } from "../view/card/card_actions.js";
import { Previews } from "../view/card/image_previews.js";
import { FilePicker } from "../view/file_picker.js";
import { FilesWindow } from "../view/files_dialog.js";
import { InlineView } from "../view/inline_panel.js";
import { Looking } from "../view/lightbox/lightbox_opener.js";
import { Announcer } from "../view/ui/live_region.js";
import { Actions } from "./actions.js";
import { news } from "./change_summary.js";
import { viewOf } from "./view_model.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { Card } from "../model/cards.js"
 * @import { Intention } from "../view/card/card_actions.js"
 * @import { Offer } from "../recovery/expired_draft.js"
 * @import { View } from "./view_model.js"
 */

/** Views are drawn once a frame; a hidden tab has no frames, but its live region and title still matter. */
const HIDDEN_FRAME_MS = 250;
/** Nothing moves for so long: then it is said. `data-stalled-seconds` changes it. */
const STALLED_SECONDS = 10;

/** @typedef {{file: File, list: string}} Kept a file, and the list it was in */

export class Presenter {
  /** @type {Array<{start(): void, stop(): void}>} what runs while the element is on a page */
  #parts = [];
  #previews = new Previews(() => this.#schedule());
  /** @type {Announcer} */
  #announcer;
  #element;
  #live;
  /** @type {FilesWindow} */
  #window;
  #inline;
  #bridge;
  #adding;
  #arranging;
  #picker;
  #actions;
  #kept;
  #notices;
  /** @type {Problem[]} */
  #problems = [];
  #total = IDLE;
  #stalls;
  /** Why there is no new draft: of `NoDraft`; empty while nobody asked for one in vain. */
  #noDraft = "";
  /** @type {Kept[]} files on their way into the draft again */
  #again = [];
  /** @type {{cards: Card[], tray: Card[], ratio: number}|null} */
  #seen = null;
  #looking;
  #frame = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {HTMLElement} element whose data attributes say where everything is
   * @param {() => void} onStartAgain the user wants the lost files in a new draft
   */
  constructor(element, onStartAgain) {
    const {
      draft = "",
      user = "",
      lostDraft = "",
      socket = "",
      http = "",
      form = "",
      accept = "",
      signIn = "",
      restart = "",
    } = element.dataset;
    const types = accept.split(",").filter(Boolean);
    this.#announcer = new Announcer(() => this.#window.isOpen);
    const say = (/** @type {string} */ sentence) => this.#announcer.say(sentence);
    this.#element = element;
    this.#stalls = new Stalls(Number(element.dataset.stalledSeconds ?? STALLED_SECONDS) * 1000, () => this.#schedule());
    const token = () => csrfToken(/** @type {HTMLFormElement|null} */ (document.getElementById(form)));
    this.#live = new LiveDraft(socketUrl(socket), types, http ? () => new HttpSocket(http, token) : null);
    this.#looking = new Looking(this.#live, this.#announcer);
    const links = { signIn, restart, say, onTryNow: () => this.#live.tryNow(), onUploadAgain: onStartAgain };
    const onDismiss = () => this.#show([]);
    const { inside, outside } = this.#announcer.elements;
    const current = () => lists(this.#live.draft);
    this.#bridge = new FormBridge({ element, live: this.#live, say });
    this.#window = new FilesWindow({
      links,
      onDismiss,
      onDiscard: () => this.#bridge.discard(this.#window.element),
      region: inside,
    });
    this.#inline = new InlineView({ links, onDismiss, onOpen: () => this.#open(), region: outside });
    this.#adding = new Adding({
      live: this.#live,
      say,
      tell: (problems) => this.#show(problems),
      lists: current,
      slots: () => [this.#window.asides, this.#inline.asides],
      onSettled: (problem) => this.#settle(problem),
      isWindowOpen: () => this.#window.isOpen,
      targetAt: (element) => this.#targetAt(element),
    });
    this.#arranging = new Arranging({
      element,
      live: this.#live,
      inline: this.#inline,
      window: this.#window,
      lists: current,
      say,
      onChange: () => this.#schedule(),
    });
    this.#picker = new FilePicker(accept, (files, target, way) => this.#adding.chosen(files, target, way));
    this.#actions = new Actions({
      live: this.#live,
      adding: this.#adding,
      arranging: this.#arranging,
      picker: this.#picker,
      looking: this.#looking,
      stalls: this.#stalls,
      lists: current,
    });
    element.append(this.#inline.element, this.#window.element, this.#picker.element);
    this.#listen(say);
    this.#notices = new KeptNotices({
      live: this.#live,
      lost: { user, draft: lostDraft },
      say,
      onUploadAgain: (offer) => this.#takeBack(offer),
      onChange: () => this.#schedule(),
    });
    this.#kept = new KeptDraft({
      live: this.#live,
      kept: new KeptFiles(user, draft),
      say,
      onFull: (files) => this.#notices.full(files),
    });
    // The draft comes last: when the page is left, the form says its last words before the socket closes.
    this.#parts = [
      this.#notices,
      this.#dropZone(types),
      this.#arranging,
      this.#adding,
      this.#bridge,
      this.#kept,
      this.#live,
    ];
  }

  start() {
    this.#element.addEventListener(INTENTION, this.#intended);
    this.#element.addEventListener("mf-focus-lost", this.#focusLost);
    for (const part of this.#parts) part.start();
    this.#render();
  }

  stop() {
    this.#element.removeEventListener(INTENTION, this.#intended);
    this.#element.removeEventListener("mf-focus-lost", this.#focusLost);
    for (const part of this.#parts.toReversed()) part.stop();
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    this.#announcer.stop();
    this.#inline.stop();
    this.#window.stop();
    this.#stalls.stop();
    this.#previews.keep(new Set());
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
    this.#schedule();
    await this.#live.shown();
    await this.#bridge.sendAll();
    if (!this.#live.isOpen) return false;
    this.#again = [];
    this.#schedule();
    for (const { file, list } of kept) this.#live.add([file], { list });
    await this.#kept.settled();
    return true;
  }

  /**
   * Says that no new draft could be started, and why.
   * @param {string} reason of `NoDraft`
   */
  tellNoDraft(reason) {
    this.#noDraft = reason;
    this.#announcer.say(`${words.NO_DRAFT} ${words.NO_DRAFT_ADVICE[reason]}`);
    this.#schedule();
  }

  /**
   * Puts what an expired draft held into the draft of this page, variants and all.
   * @param {Offer} offer
   */
  async #takeBack({ files, rows }) {
    this.#bridge.adopt(rows);
    const isDone = await this.addAgain(files);
    // The notice offers them again.
    if (!isDone) this.#again = [];
    return isDone;
  }

  /** @param {(sentence: string) => void} say */
  #listen(say) {
    const on = (/** @type {string} */ type, /** @type {(detail: any) => void} */ then) =>
      this.#live.addEventListener(type, (event) => then(/** @type {CustomEvent} */ (event).detail));
    on("change", () => this.#schedule());
    on("problems", (problems) => this.#show(problems));
    on(
      "recovered",
      (uploads) => this.#live.connection === ConnectionState.LIVE && say(spokenWords.backOnline(uploads)),
    );
  }

  /** @param {string[]} types */
  #dropZone(types) {
    return new DropZone({
      host: () => (this.#window.isOpen ? this.#window.element : this.#element),
      types: () => this.#live.draft.snapshot?.limits.content_types ?? types,
      isOpen: () => this.#live.isOpen,
      targetAt: (element) => this.#targetAt(element),
      onDrop: (files, target, replaces) => this.#adding.chosen(files, { ...target, replaces }, "files"),
      onDropFolders: (entries, target) => this.#adding.unpack(entries, target),
    });
  }

  #open() {
    this.#window.open();
    this.#render();
  }

  /** @type {(event: Event) => void} */
  #intended = (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const view = this.#window.element.contains(target) ? this.#window : this.#inline;
    this.#actions.carryOut(/** @type {CustomEvent<Intention>} */ (event).detail, view, target);
  };

  /** @type {(event: Event) => void} */
  #focusLost = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = /** @type {HTMLElement|null} */ (target.closest(".mf-card"));
    if (card) card.focus();
    else (this.#window.element.contains(target) ? this.#window : this.#inline).focusFallback();
  };

  /** @param {Problem} problem that is none any more */
  #settle(problem) {
    this.#problems = this.#problems.filter((each) => each !== problem);
    this.#schedule();
  }

  /** @param {Problem[]} problems none: the user has read them */
  #show(problems) {
    for (const { text } of grouped(problems)) this.#announcer.say(text);
    this.#problems =
      problems.length > 0 ? [...this.#problems, ...problems.filter((problem) => this.#isNew(problem))] : [];
    this.#schedule();
  }

  /**
   * Who tries a change again need not read its refusal twice.
   * @param {Problem} problem
   */
  #isNew({ name, message, isChange }) {
    return !isChange || !this.#problems.some((shown) => shown.name === name && shown.message === message);
  }

  /** @param {Element|null} element */
  #targetAt(element) {
    const id = element?.closest("[data-section]")?.getAttribute("data-section");
    const list = lists(this.#live.draft).find((candidate) => candidate.id === id);
    const file = element?.closest("[data-file-id]")?.getAttribute("data-file-id");
    return {
      list: list?.id ?? MAIN,
      label: list?.label ?? "",
      card: list?.cards.find(({ id: candidate }) => candidate === file) ?? null,
    };
  }

  #view() {
    const again = this.#again.map(({ file }) => displayName(file.name));
    return viewOf(this.#live, {
      total: this.#total,
      problems: this.#problems,
      notices: this.#notices.texts(again),
      waiting: [...again, ...this.#notices.held],
      noDraft: this.#noDraft,
      selected: this.#arranging.selected,
      undoable: this.#arranging.undoable,
      isNews: this.#arranging.isNews,
    });
  }

  #schedule() {
    if (this.#frame) return;
    this.#frame = requestAnimationFrame(() => this.#render());
    this.#timer = setTimeout(() => this.#render(), HIDDEN_FRAME_MS);
  }

  #render() {
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = 0;
    // This tab saves or discards the draft itself: no word about its end while the page changes.
    if (this.#bridge.isEnding && !this.#live.isOpen) return;
    const view = this.#view();
    this.#total = view.total = advance(this.#total, view.cards, Date.now());
    if (
      this.#stalls.mark(
        view.lists.flatMap((list) => list.cards),
        Date.now(),
      )
    )
      this.#announcer.say(words.STALLED);
    this.#updatePreviews(view);
    const previewOf = (/** @type {string} */ id) => this.#previews.urlOf(id);
    this.#inline.render(view, previewOf);
    if (this.#window.isOpen) this.#window.render(view, previewOf);
    this.#arranging.offer(view.lists);
    this.#looking.render();
    this.#tellNews(view);
  }

  /** @param {View} view */
  #updatePreviews({ cards, tray }) {
    const all = [...cards, ...tray];
    for (const { id } of all) {
      const file = this.#live.outbox.fileOf(id);
      if (file) this.#previews.want(id, file);
    }
    this.#previews.keep(new Set(all.map(({ id }) => id)));
  }

  /** @param {View} view */
  #tellNews({ cards, tray, total, connected }) {
    if (!connected && cards.length === 0) return;
    const now = { cards, tray, ratio: total.ratio };
    for (const sentence of news(this.#seen, now)) this.#announcer.say(sentence);
    this.#seen = now;
  }
}

/**
 * @param {string} path
 * @returns {string} the address of the socket on this host
 */
function socketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
