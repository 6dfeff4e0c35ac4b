// @ts-check
/**
 * Every way files get into the draft: chosen, dropped, pasted, photographed, whole folders of them.
 */

import { cards } from "../model/cards.js";
import * as addingWords from "../text/adding_messages.js";
import * as refusalWords from "../text/error_messages.js";
import { clockTime } from "../text/format.js";
import * as words from "../text/messages.js";
import { targetAt } from "./drop_zone.js";
import { Repeated } from "./duplicates.js";
import { chosen, unpacked } from "./folder_reader.js";
import { named, Paste } from "./paste.js";
import { Replacements } from "./replace.js";
import { SmallerCopies } from "./shrink.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { List } from "../model/cards.js"
 * @import { Target, Way } from "../view/file_picker.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Found } from "./folder_reader.js"
 */

/** @typedef {{list: string, after?: string|null}} Where after: as of `LiveDraft.add` */

/**
 * @typedef {object} Parts
 * @property {LiveDraft} live
 * @property {() => List[]} lists
 * @property {() => Element[]} slots where questions about files are shown
 * @property {(sentence: string) => void} say
 * @property {(problems: Problem[]) => void} tell
 * @property {(problem: Problem) => void} onSettled a problem is none any more
 */

export class Adding {
  /** Files are added in the order they come, also when some are looked into. */
  #turn = Promise.resolve();
  #repeated;
  #replacements;
  /** For files that are too large. */
  smaller;
  #parts;
  #paste;

  /** @param {Parts & {isWindowOpen: () => boolean}} parts */
  constructor({ isWindowOpen, ...parts }) {
    this.#parts = parts;
    this.#repeated = new Repeated(parts);
    this.#replacements = new Replacements(parts.live);
    this.smaller = new SmallerCopies(parts);
    this.#paste = new Paste({
      isWindowOpen,
      onPaste: (files) => this.#pasted(files, targetAt(parts.lists(), document.activeElement)),
    });
  }

  start() {
    this.#paste.start();
  }

  stop() {
    this.#paste.stop();
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  add(files, where) {
    this.#turn = this.#turn.then(() => this.#add(files, where)).catch(reportError);
    return this.#turn;
  }

  /**
   * What the picker returned.
   * @param {File[]} files
   * @param {Target} target
   * @param {Way} way
   */
  chosen(files, { list, replaces }, way) {
    const where = { list };
    if (replaces && files.length === 1) return this.#replacements.replace(replaces, files[0]);
    if (way === "folder") return this.#addFound(chosen(files), where);
    // Phones call every photo the same.
    if (way === "camera") files = named(files, (extension) => words.photoName(clockTime(Date.now()), extension));
    return this.add(files, where);
  }

  /**
   * What was dropped, folders among it.
   * @param {FileSystemEntry[]} entries
   * @param {Where} where
   */
  async unpack(entries, where) {
    await this.#addFound(await unpacked(entries), where);
  }

  /**
   * What was in folders.
   * @param {Found} found
   * @param {Where} where
   */
  async #addFound({ files, empty, unreadable, isCut }, where) {
    await this.add(files, where);
    const problems = empty.map((name) => ({ name, message: addingWords.emptyFolder(name) }));
    problems.push(...unreadable.map((name) => ({ name, message: refusalWords.UNREADABLE })));
    if (isCut) problems.push({ name: "", message: addingWords.tooManyInFolders(files.length) });
    if (problems.length > 0) this.#parts.tell(problems);
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  async #add(files, where) {
    const { live } = this.#parts;
    if (mayRepeat(files, cards(live.draft))) await this.#repeated.add(files, where);
    else live.add(files, where);
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  #pasted(files, where) {
    this.add(
      named(files, (extension) => words.pastedName(clockTime(Date.now()), extension)),
      where,
    );
  }
}

/**
 * Whether some of the files may be the same picture, or one that is there: only then is it worth to look into them.
 * @param {Array<{size: number}>} files
 * @param {Array<{size: number}>} known
 */
function mayRepeat(files, known) {
  const sizes = new Set(known.map(({ size }) => size));
  return files.some(({ size }) => sizes.has(size) || !sizes.add(size));
}
