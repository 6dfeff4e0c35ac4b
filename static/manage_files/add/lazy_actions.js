// @ts-check
/** The ways in that most drafts never see: folders, one file in the place of another, a smaller copy. */

import { displayName } from "../model/display_name.js";
import { MAIN } from "../model/list_id.js";
import * as addingWords from "../text/adding_messages.js";
import * as refusalWords from "../text/error_messages.js";
import * as words from "../text/messages.js";
import { Notice } from "../view/ui/notice.js";
import { chosen, unpacked } from "./folder_reader.js";
import { Replacements } from "./replace.js";
import { addSmaller, replaceBySmaller } from "./shrink.js";

/**
 * @import { Adding, Parts, Where } from "./add_files.js"
 * @import { Problem } from "../client/validation.js"
 * @import { Found } from "./folder_reader.js"
 */

export class RarerWays {
  #adding;
  #parts;
  #replacements;
  #notices;
  /** @type {Set<File|string>} what a smaller copy is being made of */
  #shrinking = new Set();

  /**
   * @param {Adding} adding
   * @param {Parts} parts
   */
  constructor(adding, parts) {
    this.#adding = adding;
    this.#parts = parts;
    this.#replacements = new Replacements(parts.live);
    this.#notices = parts.slots().map((slot) => {
      const notice = new Notice();
      slot.after(notice.element);
      return notice;
    });
  }

  /**
   * @param {string} id of the file that the other takes the place of
   * @param {File} file
   */
  replace(id, file) {
    this.#replacements.replace(id, file);
  }

  /**
   * What was dropped, folders among it.
   * @param {FileSystemEntry[]} entries
   * @param {Where} where
   */
  async unpack(entries, where) {
    await this.#found(await unpacked(entries), where);
  }

  /**
   * A chosen folder.
   * @param {File[]} files
   * @param {Where} where
   */
  chosen(files, where) {
    return this.#found(chosen(files), where);
  }

  /**
   * Adds smaller copies of files that are too large.
   * @param {Problem[]} problems
   */
  async shrinkAll(problems) {
    for (const problem of problems) {
      const { file, name, list = MAIN } = problem;
      const isDone = file && (await this.#shrink(file, name, () => addSmaller(this.#parts.live, file, { list })));
      if (isDone) this.#parts.onSettled(problem);
    }
  }

  /**
   * Puts a smaller copy in the place of a file that the server found too large.
   * @param {string} id
   */
  shrink(id) {
    const name = displayName(this.#parts.live.outbox.fileOf(id)?.name ?? "");
    return this.#shrink(id, name, () => replaceBySmaller(this.#parts.live, id));
  }

  /**
   * @param {Found} found
   * @param {Where} where
   */
  async #found({ files, empty, unreadable, isCut }, where) {
    await this.#adding.add(files, where);
    const problems = empty.map((name) => ({ name, message: addingWords.emptyFolder(name) }));
    problems.push(...unreadable.map((name) => ({ name, message: refusalWords.UNREADABLE })));
    if (isCut) problems.push({ name: "", message: addingWords.tooManyInFolders(files.length) });
    if (problems.length > 0) this.#parts.tell(problems);
  }

  /**
   * @param {File|string} what
   * @param {string} name
   * @param {() => Promise<{said: string, isDone: boolean}>} work
   * @returns {Promise<boolean>} whether the copy was added
   */
  async #shrink(what, name, work) {
    if (this.#shrinking.has(what)) return false;
    this.#shrinking.add(what);
    this.#note(addingWords.makingSmaller(name), "calm");
    const { said, isDone } = await work();
    this.#shrinking.delete(what);
    this.#note(said, isDone ? "end" : "warn");
    return isDone;
  }

  /**
   * @param {string} text empty: nothing
   * @param {string} tone
   */
  #note(text, tone) {
    if (text) this.#parts.say(text);
    const dismiss = { words: words.DISMISS, act: () => this.#note("", "end") };
    for (const notice of this.#notices)
      notice.render(text ? { title: "", text, tone, actions: tone === "calm" ? [] : [dismiss] } : null);
  }
}
