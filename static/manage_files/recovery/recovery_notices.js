// @ts-check
/** Notices about cached files: those of an expired draft to upload again, and those this browser had no space for. */
import { cards, isUnfinished } from "../model/cards.js";
import * as messages from "../text/messages.js";
import * as recoveryMessages from "../text/recovery_messages.js";
import { ConnectionState } from "../transport/connection.js";
import { recoverableFiles, subtractNames } from "./expired_draft.js";
import { FileCache } from "./file_cache.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { RecoverableFiles } from "./expired_draft.js"
 * @import { NoticeText } from "../view/ui/notice.js"
 */

/** @type {ReadonlySet<string>} */
const AWAY = new Set([ConnectionState.RECONNECTING, ConnectionState.OFFLINE, ConnectionState.SIGNED_OUT]);

export class RecoveryNotices {
  /** @type {RecoverableFiles|null} */
  #recoverable = null;
  /** @type {Set<string>} files this browser had no space for */
  #noRoom = new Set();
  #live;
  #lost;
  #isExpired;
  #onUploadAgain;
  #onSettled;
  #say;
  #onChange;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {{user: string, draft: string}} parts.lost the expired draft that this page replaces; empty if none
   * @param {(recoverable: RecoverableFiles) => Promise<boolean>} parts.onUploadAgain true if they are in the draft of
   *   this page
   * @param {(sentence: string) => void} parts.say
   * @param {() => void} parts.onSettled called when they are restored or not wanted
   * @param {() => void} parts.onChange
   */
  constructor({ live, lost, onUploadAgain, onSettled, say, onChange }) {
    this.#live = live;
    this.#lost = new FileCache(lost.user, lost.draft);
    this.#isExpired = lost.draft !== "";
    this.#onUploadAgain = onUploadAgain;
    this.#onSettled = onSettled;
    this.#say = say;
    this.#onChange = onChange;
  }

  async start() {
    if (!this.#isExpired) return;
    const [{ lists, removed }, kept] = await Promise.all([this.#lost.loadOutline(), this.#lost.loadAll()]);
    const told = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-lost-files]"));
    const names = [...told].flatMap((list) =>
      [...list.querySelectorAll("li")].map((item) => item.textContent?.trim() ?? ""),
    );
    this.#recoverable = recoverableFiles(lists, kept, subtractNames(names, removed));
    if (!this.#recoverable) return;
    // The page lists them all as lost, because it cannot know this browser. Not `hidden`, because the host's display
    // style would win.
    for (const list of told) list.style.display = "none";
    this.#tell(this.#recoverableText());
  }

  stop() {}

  /** @param {string[]} files those without space */
  reportFull(files) {
    for (const file of files) this.#noRoom.add(file);
    this.#tell(this.#noRoomText());
  }

  /** Whether some bytes exist only in this tab, because this browser had no space for them. */
  get onlyHere() {
    const { draft } = this.#live;
    if (this.#noRoom.size === 0) return false;
    return cards(draft).some(({ id, held, received, size }) => held && this.#noRoom.has(id) && received < size);
  }

  /** Names of the files that can be uploaded again. */
  get held() {
    return this.#recoverable?.held ?? [];
  }

  /** What can be restored of the expired draft into yet another one. */
  get recoverable() {
    return this.#recoverable;
  }

  /**
   * @param {string[]} again names of the files that are to be restored but are not yet in the draft
   * @returns {Array<NoticeText|null>}
   */
  texts(again) {
    return [this.#waitingText(again) ?? this.#recoverableText(), this.#noRoomText()];
  }

  /** @param {NoticeText|null} notice */
  #tell(notice) {
    if (notice) this.#say(`${notice.title} ${notice.text}`);
    this.#onChange();
  }

  /**
   * @param {string[]} names
   * @returns {NoticeText|null} null while connected, because it then takes only moments
   */
  #waitingText(names) {
    if (names.length === 0 || !AWAY.has(this.#live.connection)) return null;
    return { title: recoveryMessages.againTitle(names.length), text: recoveryMessages.again(names), actions: [] };
  }

  /** @returns {NoticeText|null} */
  #recoverableText() {
    if (!this.#recoverable || !this.#live.isOpen) return null;
    const { held, gone } = this.#recoverable;
    const again = { label: recoveryMessages.RESTORE_IMAGES, act: () => this.#uploadAgain() };
    const dismiss = { label: messages.DISMISS, act: () => this.#dismiss() };
    return {
      title: recoveryMessages.expired(held.length + gone.length),
      text: recoveryMessages.stillHeld(held, gone),
      actions: held.length > 0 ? [again, dismiss] : [dismiss],
    };
  }

  /** @returns {NoticeText|null} */
  #noRoomText() {
    // Files that the server has need no copy any more.
    const open = cards(this.#live.draft).filter((card) => this.#noRoom.has(card.id) && isUnfinished(card));
    const names = open.map(({ name }) => name);
    if (names.length === 0 || !this.#live.isOpen) return null;
    const dismiss = () => {
      this.#noRoom.clear();
      this.#onChange();
    };
    return {
      title: recoveryMessages.noRoomTitle(names.length),
      text: recoveryMessages.noRoom(names),
      actions: [{ label: messages.DISMISS, act: dismiss }],
    };
  }

  async #uploadAgain() {
    const recoverable = this.#recoverable;
    if (!recoverable || recoverable.files.length === 0) return; // the second of two clicks
    // Lost files stay listed until the notice is dismissed.
    this.#recoverable = recoverable.gone.length > 0 ? { ...recoverable, files: [], held: [] } : null;
    this.#tell(this.#waitingText(recoverable.held));
    if (await this.#onUploadAgain(recoverable)) {
      this.#onSettled();
      await this.#lost.clear();
    } else {
      this.#recoverable = recoverable; // this draft has ended too
    }
    this.#onChange();
  }

  #dismiss() {
    this.#recoverable = null;
    this.#onChange();
    this.#onSettled();
    this.#lost.clear();
  }
}
