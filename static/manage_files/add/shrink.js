// @ts-check
/** Makes smaller copies of files that are too large, adds them, and reports the result. */
import { cards } from "../model/cards.js";
import { displayName } from "../model/display_name.js";
import { MAIN } from "../model/list_id.js";
import * as addingMessages from "../text/adding_messages.js";
import * as messages from "../text/messages.js";
import { Notice } from "../view/ui/notice.js";
import { resizeImage } from "./image_resizer.js";

/**
 * @import { Parts, Where } from "./add_files.js"
 * @import { Problem } from "../client/validation.js"
 */

export class SmallerCopies {
  #parts;
  #notices;
  /** @type {Set<File|string>} the files being copied */
  #making = new Set();

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#notices = parts.slots().map((slot) => {
      const notice = new Notice();
      slot.after(notice.element);
      return notice;
    });
  }

  /**
   * Adds smaller copies of files that were refused as too large.
   * @param {Problem[]} problems
   */
  async add(problems) {
    for (const problem of problems) {
      const { file, name, list = MAIN } = problem;
      const isDone = file && (await this.#make(file, name, () => this.#add(file, { list })));
      if (isDone) this.#parts.onSettled(problem);
    }
  }

  /**
   * Replaces a file that the server refused as too large with a smaller copy.
   * @param {string} id
   */
  replace(id) {
    const name = displayName(this.#parts.live.uploads.fileOf(id)?.name ?? "");
    return this.#make(id, name, () => this.#replace(id));
  }

  /**
   * @param {File|string} what
   * @param {string} name
   * @param {() => Promise<{said: string, isDone: boolean}>} work
   * @returns {Promise<boolean>} whether the copy was added
   */
  async #make(what, name, work) {
    if (this.#making.has(what)) return false;
    this.#making.add(what);
    this.#note(addingMessages.makingSmaller(name), "calm");
    const { said, isDone } = await work();
    this.#making.delete(what);
    this.#note(said, isDone ? "end" : "warn");
    return isDone;
  }

  /**
   * @param {File} file
   * @param {Where} where
   * @returns {Promise<{said: string, isDone: boolean}>} isDone: whether the copy was added
   */
  async #add(file, where) {
    const { live } = this.#parts;
    const limits = live.draft.snapshot?.limits;
    const name = displayName(file.name);
    const copy =
      limits &&
      (await resizeImage(file, {
        bytes: limits.max_file_bytes,
        pixels: limits.max_pixels,
        types: limits.content_types,
      }));
    if (!copy) return { said: addingMessages.noSmallerCopy(name), isDone: false };
    const added = live.add([copy.file], where).length > 0;
    return {
      said: addingMessages.smallerCopy(name, copy.file.size, file.size, copy.width, copy.height),
      isDone: added,
    };
  }

  /** @param {string} id */
  async #replace(id) {
    const { live } = this.#parts;
    const card = cards(live.draft).find((each) => each.id === id);
    const file = live.uploads.fileOf(id);
    if (!card || !file) return { said: addingMessages.noSmallerCopy(card?.name ?? ""), isDone: false };
    const result = await this.#add(file, { list: card.list, after: id });
    // The original is of no use, because the server has deleted its bytes.
    if (result.isDone) live.remove(id);
    return result;
  }

  /**
   * @param {string} text empty: show nothing
   * @param {string} tone
   */
  #note(text, tone) {
    if (text) this.#parts.say(text);
    const dismiss = { label: messages.DISMISS, act: () => this.#note("", "end") };
    for (const notice of this.#notices)
      notice.render(text ? { title: "", text, tone, actions: tone === "calm" ? [] : [dismiss] } : null);
  }
}
