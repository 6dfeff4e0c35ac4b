// @ts-check
/**
 * Every way files get into the draft: chosen, dropped, pasted, photographed, whole folders of them. What is
 * rarely needed is loaded when it is.
 */
import { clockTime } from "./amounts.js";
import { named, Paste } from "./paste.js";
import * as words from "./words.js";

/**
 * @import { Problem } from "./admission.js"
 * @import { Way } from "./file_picker.js"
 * @import { Found } from "./folders.js"
 * @import { LiveDraft } from "./live_draft.js"
 */

/** @typedef {{list: string}} Where */

export class Adding {
  #live;
  #tell;
  #paste;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {(problems: Problem[]) => void} parts.tell
   * @param {() => boolean} parts.isWindowOpen
   * @param {(element: Element|null) => Where} parts.targetAt
   */
  constructor({ live, tell, isWindowOpen, targetAt }) {
    this.#live = live;
    this.#tell = tell;
    this.#paste = new Paste({ isWindowOpen, onPaste: (files) => this.#pasted(files, targetAt(document.activeElement)) });
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
    this.#live.add(files, where);
  }

  /**
   * What the picker returned.
   * @param {File[]} files
   * @param {Where} where
   * @param {Way} way
   */
  async chosen(files, where, way) {
    if (way === "folder") this.#unpacked((await import("./folders.js")).chosen(files), where);
    // Phones call every photo the same.
    else if (way === "camera") this.add(named(files, (extension) => words.photoName(clockTime(Date.now()), extension)), where);
    else this.add(files, where);
  }

  /**
   * What was dropped, folders among it.
   * @param {FileSystemEntry[]} entries
   * @param {Where} where
   */
  async unpack(entries, where) {
    const { unpacked } = await import("./folders.js");
    this.#unpacked(await unpacked(entries), where);
  }

  /**
   * @param {Found} found
   * @param {Where} where
   */
  #unpacked({ files, empty, isCut }, where) {
    this.add(files, where);
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
