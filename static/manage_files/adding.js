// @ts-check
/**
 * Every way files get into the draft: chosen, dropped, pasted, photographed, whole folders of them. What is
 * rarely needed is loaded when it is.
 */
import { clockTime } from "./amounts.js";
import { cards } from "./cards.js";
import { named, Paste } from "./paste.js";
import { Replacements } from "./replacements.js";
import * as words from "./words.js";

/**
 * @import { Problem } from "./admission.js"
 * @import { List } from "./cards.js"
 * @import { Target, Way } from "./file_picker.js"
 * @import { Found } from "./folders.js"
 * @import { LiveDraft } from "./live_draft.js"
 */

/** @typedef {{list: string, after?: string|null}} Where after: as of `LiveDraft.add` */

export class Adding {
  /** Files are added in the order they come, also when some are looked into. */
  #turn = Promise.resolve();
  /** @type {Promise<import("./repeated.js").Repeated|null>|null} */
  #repeated = null;
  #parts;
  #live;
  #tell;
  #paste;
  #replacements;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {() => List[]} parts.lists
   * @param {() => Element[]} parts.slots where questions about files are shown
   * @param {(sentence: string) => void} parts.say
   * @param {(problems: Problem[]) => void} parts.tell
   * @param {() => boolean} parts.isWindowOpen
   * @param {(element: Element|null) => Where} parts.targetAt
   */
  constructor(parts) {
    const { live, tell, isWindowOpen, targetAt } = parts;
    this.#parts = parts;
    this.#live = live;
    this.#replacements = new Replacements(live);
    this.#tell = tell;
    this.#paste = new Paste({ isWindowOpen, onPaste: (files) => this.#pasted(files, targetAt(document.activeElement)) });
  }

  start() {
    this.#paste.start();
    this.#replacements.start();
  }

  stop() {
    this.#paste.stop();
    this.#replacements.stop();
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
   * @param {string} id of the file that the other takes the place of
   * @param {File} file
   */
  replace(id, file) {
    this.#replacements.replace(id, file);
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  async #add(files, where) {
    const repeated = mayRepeat(files, cards(this.#live.draft)) ? await this.#lookingInto() : null;
    if (repeated) await repeated.add(files, where);
    else this.#live.add(files, where);
  }

  /** @returns {Promise<import("./repeated.js").Repeated|null>} null without a connection: files wait for it, not for their check */
  #lookingInto() {
    this.#repeated ??= import("./repeated.js").then(({ Repeated }) => new Repeated(this.#parts)).catch(() => (this.#repeated = null));
    return this.#repeated;
  }

  /**
   * What the picker returned.
   * @param {File[]} files
   * @param {Target} target
   * @param {Way} way
   */
  async chosen(files, { list, replaces }, way) {
    const where = { list };
    if (replaces && files.length === 1) this.replace(replaces, files[0]);
    else if (way === "folder") this.#inFolders((folders) => folders.chosen(files), where);
    // Phones call every photo the same.
    else if (way === "camera") this.add(named(files, (extension) => words.photoName(clockTime(Date.now()), extension)), where);
    else this.add(files, where);
  }

  /**
   * What was dropped, folders among it.
   * @param {FileSystemEntry[]} entries
   * @param {Where} where
   */
  unpack(entries, where) {
    return this.#inFolders((folders) => folders.unpacked(entries), where);
  }

  /**
   * @param {(folders: typeof import("./folders.js")) => Found|Promise<Found>} look
   * @param {Where} where
   */
  async #inFolders(look, where) {
    const folders = await import("./folders.js").catch(() => null);
    if (!folders) return this.#tell([{ name: "", message: words.NOT_LOADED }]);
    const { files, empty, isCut } = await look(folders);
    await this.add(files, where);
    const problems = empty.map((name) => ({ name, message: words.emptyFolder(name) }));
    if (isCut) problems.push({ name: "", message: words.tooManyInFolders(files.length) });
    if (problems.length > 0) this.#tell(problems);
  }

  /**
   * @param {File[]} files
   * @param {Where} where
   */
  #pasted(files, where) {
    this.add(named(files, (extension) => words.pastedName(clockTime(Date.now()), extension)), where);
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
