// @ts-check
/** What is said about kept files: what an expired draft can get back, and what this browser had no room for. */
import { cards, isUnfinished } from "../model/cards.js";
import * as words from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { offerOf } from "./expired_draft.js";
import { KeptFiles } from "./file_cache.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Offer } from "./expired_draft.js"
 * @import { NoticeText } from "../view/ui/notice.js"
 */

/** @type {ReadonlySet<string>} */
const AWAY = new Set([ConnectionState.RECONNECTING, ConnectionState.OFFLINE, ConnectionState.SIGNED_OUT]);

export class KeptNotices {
  /** @type {Offer|null} */
  #offer = null;
  /** @type {Set<string>} files this browser had no room for */
  #noRoom = new Set();
  #live;
  #lost;
  #isExpired;
  #onUploadAgain;
  #say;
  #onChange;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {{user: string, draft: string}} parts.lost the expired draft this page stands in for; without a draft: none
   * @param {(offer: Offer) => Promise<boolean>} parts.onUploadAgain whether the files are safe in the draft of this page now
   * @param {(sentence: string) => void} parts.say
   * @param {() => void} parts.onChange
   */
  constructor({ live, lost, onUploadAgain, say, onChange }) {
    this.#live = live;
    this.#lost = new KeptFiles(lost.user, lost.draft);
    this.#isExpired = lost.draft !== "";
    this.#onUploadAgain = onUploadAgain;
    this.#say = say;
    this.#onChange = onChange;
  }

  async start() {
    if (!this.#isExpired) return;
    const [outline, kept] = await Promise.all([this.#lost.outline(), this.#lost.all()]);
    const told = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-lost-files]"));
    const names = [...told].flatMap((list) =>
      [...list.querySelectorAll("li")].map((item) => item.textContent?.trim() ?? ""),
    );
    this.#offer = offerOf(outline, kept, names);
    if (!this.#offer) return;
    // The page, which knows nothing of this browser, says that they are all lost. Not `hidden`: the host's own display would win.
    for (const list of told) list.style.display = "none";
    this.#tell(this.#offerText());
  }

  stop() {}

  /** @param {string[]} files there was no room for */
  full(files) {
    for (const file of files) this.#noRoom.add(file);
    this.#tell(this.#noRoomText());
  }

  /** Names of the files on offer. */
  get held() {
    return this.#offer?.held ?? [];
  }

  /**
   * @param {string[]} again names of the files that are to go into the draft, but have not yet
   * @returns {Array<NoticeText|null>}
   */
  texts(again) {
    return [this.#againText(again) ?? this.#offerText(), this.#noRoomText()];
  }

  /** @param {NoticeText|null} notice */
  #tell(notice) {
    if (notice) this.#say(`${notice.title} ${notice.text}`);
    this.#onChange();
  }

  /**
   * @param {string[]} names
   * @returns {NoticeText|null} while there is no connection; with one it is a matter of moments
   */
  #againText(names) {
    if (names.length === 0 || !AWAY.has(this.#live.connection)) return null;
    return { title: words.againTitle(names.length), text: words.again(names), actions: [] };
  }

  /** @returns {NoticeText|null} */
  #offerText() {
    if (!this.#offer || !this.#live.isOpen) return null;
    const { held, gone } = this.#offer;
    const again = { words: words.UPLOAD_AGAIN, act: () => this.#uploadAgain() };
    const dismiss = { words: words.DISMISS, act: () => this.#dismiss() };
    return {
      title: words.expired(held.length + gone.length),
      text: words.stillHeld(held, gone),
      actions: held.length > 0 ? [again, dismiss] : [dismiss],
    };
  }

  /** @returns {NoticeText|null} */
  #noRoomText() {
    // What the server has needs no copy any more.
    const open = cards(this.#live.draft).filter((card) => this.#noRoom.has(card.id) && isUnfinished(card));
    const names = open.map(({ name }) => name);
    if (names.length === 0 || !this.#live.isOpen) return null;
    const dismiss = () => {
      this.#noRoom.clear();
      this.#onChange();
    };
    return {
      title: words.noRoomTitle(names.length),
      text: words.noRoom(names),
      actions: [{ words: words.DISMISS, act: dismiss }],
    };
  }

  async #uploadAgain() {
    const offer = this.#offer;
    if (!offer || offer.files.length === 0) return; // The second of two clicks.
    // What is lost stays named until it was read.
    this.#offer = offer.gone.length > 0 ? { ...offer, files: [], held: [] } : null;
    this.#tell(this.#againText(offer.held));
    if (await this.#onUploadAgain(offer)) await this.#lost.clear();
    else this.#offer = offer; // This draft has ended as well.
    this.#onChange();
  }

  #dismiss() {
    this.#offer = null;
    this.#onChange();
    this.#lost.clear();
  }
}
