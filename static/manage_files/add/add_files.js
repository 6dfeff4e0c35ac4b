// @ts-check
/** Adds files to the draft, however they arrive: file picker, drop, paste, camera or whole folders. */
import { cards } from "../model/cards.js";
import * as addingMessages from "../text/adding_messages.js";
import * as errorMessages from "../text/error_messages.js";
import { fileNameTime } from "../text/format.js";
import * as messages from "../text/messages.js";
import { targetAt } from "./drop_zone.js";
import { DuplicateCheck } from "./duplicates.js";
import { readChosenFolder, readDropped } from "./folder_reader.js";
import { PasteListener, renameNameless } from "./paste.js";
import { Replacements } from "./replace.js";
import { SmallerCopies } from "./shrink.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { List } from "../model/cards.js"
 * @import { PickMode, PickTarget } from "../view/file_picker.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { FolderContents } from "./folder_reader.js"
 */

/** @typedef {{list: string, after?: string|null}} Where after: as of `LiveDraft.add` */

/**
 * @typedef {object} Parts
 * @property {LiveDraft} live
 * @property {() => List[]} lists
 * @property {() => Element[]} slots where questions about files are shown
 * @property {(sentence: string) => void} say
 * @property {(problems: Problem[]) => void} tell
 * @property {(problem: Problem) => void} onSettled a problem has been resolved
 */

export class FileAdder {
  /** Files are added in the order they arrive, even if some are compared with others first. */
  #queue = Promise.resolve();
  #duplicateCheck;
  #replacements;
  /** Makes smaller copies of files that are too large. */
  smaller;
  #parts;
  #paste;

  /** @param {Parts & {isWindowOpen: () => boolean}} parts */
  constructor({ isWindowOpen, ...parts }) {
    this.#parts = parts;
    this.#duplicateCheck = new DuplicateCheck(parts);
    this.#replacements = new Replacements(parts.live);
    this.smaller = new SmallerCopies(parts);
    this.#paste = new PasteListener({
      isWindowOpen,
      onPaste: (files) => this.#addPasted(files, targetAt(parts.lists(), document.activeElement)),
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
    this.#queue = this.#queue.then(() => this.#add(files, where)).catch(reportError);
    return this.#queue;
  }

  /**
   * Adds the files of the file picker.
   * @param {File[]} files
   * @param {PickTarget} target
   * @param {PickMode} way
   */
  addChosen(files, { list, replaces }, way) {
    const where = { list };
    if (replaces && files.length === 1) return this.#replacements.replace(replaces, files[0]);
    if (way === "folder") return this.#addContents(readChosenFolder(files), where);
    // Phones name every photo alike.
    if (way === "camera")
      files = renameNameless(files, (extension) => messages.photoName(fileNameTime(Date.now()), extension));
    return this.add(files, where);
  }

  /**
   * Adds dropped files and folders.
   * @param {FileSystemEntry[]} entries
   * @param {Where} where
   */
  async addDropped(entries, where) {
    await this.#addContents(await readDropped(entries), where);
  }

  /** Reports that what was dropped is a URL, not a file, because it came from another page. */
  refuseLink() {
    this.#parts.tell([{ name: "", message: addingMessages.NO_FILE }]);
  }

  /**
   * Adds the contents of folders.
   * @param {FolderContents} contents
   * @param {Where} where
   */
  async #addContents({ files, empty, unreadable, deep, isCut }, where) {
    await this.add(files, where);
    const problems = empty.map((name) => ({ name, message: addingMessages.emptyFolder(name) }));
    problems.push(...unreadable.map((name) => ({ name, message: errorMessages.UNREADABLE })));
    if (deep.length > 0) problems.push({ name: "", message: addingMessages.tooDeep(deep) });
    if (isCut) problems.push({ name: "", message: addingMessages.tooManyInFolders(files.length) });
    if (problems.length > 0) this.#parts.tell(problems);
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  async #add(files, where) {
    const { live } = this.#parts;
    if (mayDuplicate(files, cards(live.draft))) await this.#duplicateCheck.add(files, where);
    else live.add(files, where);
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  #addPasted(files, where) {
    this.add(
      renameNameless(files, (extension) => messages.pastedName(fileNameTime(Date.now()), extension)),
      where,
    );
  }
}

/**
 * Whether some files may be duplicates, of each other or of an image of the draft. Only then are they compared.
 * @param {Array<{size: number}>} files
 * @param {Array<{size: number}>} known
 */
function mayDuplicate(files, known) {
  const sizes = new Set(known.map(({ size }) => size));
  return files.some(({ size }) => sizes.has(size) || !sizes.add(size));
}
