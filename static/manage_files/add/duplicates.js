// @ts-check
/** Checks added files for duplicates and holds those back until the user decides. */
import { CardState, cards, lacksBytes } from "../model/cards.js";
import { displayName } from "../model/display_name.js";
import { MAIN } from "../model/list_id.js";
import { listOf } from "../model/positions.js";
import * as addingMessages from "../text/adding_messages.js";
import { sha256 } from "../upload/sha256.js";
import { findDuplicates } from "./duplicate_finder.js";
import { duplicatePrompt } from "./duplicate_prompt.js";

/**
 * @import { Where } from "./add_files.js"
 * @import { List } from "../model/cards.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Duplicate } from "./duplicate_prompt.js"
 */

/** @typedef {{files: File[], ids: Map<File, string>, where: Where}} Batch what was added together; ids: of what is in the draft */

export class DuplicateCheck {
  /** @type {Array<Duplicate & {batch: Batch}>} */
  #waiting = [];
  #live;
  #lists;
  #slots;
  #say;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {() => List[]} parts.lists
   * @param {() => Element[]} parts.slots where the prompt is shown
   * @param {(sentence: string) => void} parts.say
   */
  constructor({ live, lists, slots, say }) {
    this.#live = live;
    this.#lists = lists;
    this.#slots = slots;
    this.#say = say;
  }

  /**
   * Adds the new files, and asks about the duplicates.
   * @param {File[]} files
   * @param {Where} where
   */
  async add(files, where) {
    const duplicates = await findDuplicates(
      files.filter((file) => this.#live.accepts(file)),
      this.#known(),
      digestOf,
    );
    // Files that wait for a decision do not count towards the limits of the draft.
    const fresh = this.#live.validate(
      files.filter((file) => !duplicates.has(file)),
      where.list,
    );
    const ids = this.#live.addValidated(fresh, where);
    /** @type {Batch} */
    const batch = { files, where, ids: new Map(fresh.map((file, index) => [file, ids[index]])) };
    const asked = [...duplicates].flatMap(([file, is]) => {
      const id = typeof is === "string" ? is : batch.ids.get(is);
      return id ? [{ file, batch, name: displayName(file.name), picture: this.#picture(id) }] : [];
    });
    // The image that these duplicate was refused; refuse them for the same reason.
    this.#live.add(
      [...duplicates.keys()].filter((file) => !asked.some((each) => each.file === file)),
      where,
    );
    if (asked.length === 0) return;
    this.#waiting.push(...asked);
    this.#say(
      asked.length === 1
        ? addingMessages.duplicateOf(asked[0].name, asked[0].picture)
        : addingMessages.duplicatesTitle(asked.length),
    );
    this.#render();
  }

  #known() {
    const { draft, uploads } = this.#live;
    const told = new Map((draft.snapshot?.files ?? []).map(({ file, sha256: digest }) => [file, digest]));
    return cards(draft)
      .filter((card) => card.state !== CardState.FAILED && !lacksBytes(card))
      .map(({ id, size }) => ({
        id,
        size,
        digest: async () => told.get(id) || digestOf(uploads.fileOf(id)),
      }));
  }

  /** @param {string} id */
  #picture(id) {
    const list = listOf(this.#lists(), id);
    const card = list?.cards.find((candidate) => candidate.id === id);
    return card ? addingMessages.pictureAt(card.place, card.name, list && list.id !== MAIN ? list.label : null) : "";
  }

  /**
   * @param {Duplicate[]} duplicates
   * @param {boolean} keep
   */
  #decide(duplicates, keep) {
    const decided = this.#waiting.filter((waiting) => duplicates.some(({ file }) => file === waiting.file));
    this.#waiting = this.#waiting.filter((waiting) => !decided.includes(waiting));
    if (keep) for (const { file, batch } of decided) this.#keep(file, batch);
    else this.#say(addingMessages.skipped(decided.length));
    this.#render();
  }

  /**
   * Adds a file after the one that preceded it in its batch.
   * @param {File} file
   * @param {Batch} batch
   */
  #keep(file, { files, ids, where }) {
    const list = this.#lists().find(({ id }) => id === where.list);
    const there = new Set(list?.cards.map(({ id }) => id));
    const before = files
      .slice(0, files.indexOf(file))
      .map((each) => ids.get(each))
      .findLast((id) => id && there.has(id));
    const [id] = this.#live.add([file], before ? { ...where, after: before } : where);
    if (id) ids.set(file, id);
  }

  #render() {
    for (const slot of this.#slots()) {
      const hadFocus = slot.contains(document.activeElement);
      slot.replaceChildren(...duplicatePrompt(this.#waiting, (duplicates, keep) => this.#decide(duplicates, keep)));
      if (!hadFocus) continue;
      const next = slot.querySelector("button");
      if (next) next.focus();
      else slot.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
    }
  }
}

/**
 * @param {Blob|null} file
 * @returns {Promise<string|null>} null if it cannot be determined
 */
async function digestOf(file) {
  // A file that can no longer be read fails later, with a reason.
  return file && sha256(file).catch(() => null);
}
