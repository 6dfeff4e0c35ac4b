// @ts-check
/**
 * Keeps the files of a draft in this browser, and brings them back: a file that no tab is sending any more goes
 * on by itself wherever its bytes are kept, in one tab at a time.
 */
import { lists } from "../model/cards.js";
import * as spokenWords from "../text/announcements.js";
import { ConnectionState } from "../transport/connection.js";
import { FileLocks } from "./upload_locks.js";

/**
 * @import { Draft } from "../model/draft.js"
 * @import { KeptFile, KeptFiles, Outline } from "./file_cache.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { FileInfo, Snapshot } from "../transport/protocol.js"
 */

const DEBOUNCE_MS = 100;
/** @type {ReadonlySet<string>} ends that somebody meant */
const DONE_WITH = new Set([ConnectionState.COMMITTED, ConnectionState.DISCARDED]);

export class KeptDraft {
  #locks = new FileLocks();
  /** @type {ReadonlySet<string>} files this tab sent when it last looked */
  #held = new Set();
  /** @type {Set<string>} files this tab let go of or looked for in vain: others may have them, it does not ask again */
  #left = new Set();
  /** @type {Snapshot|null} */
  #snapshot = null;
  /** @type {Set<string>} files that are kept already */
  #safe = new Set();
  /** @type {Set<string>} kept files the server had not heard of; it may still say that they were removed */
  #announced = new Set();
  #resumed = 0;
  /** @type {Map<string, KeptFile>} to be written, one after the other */
  #queue = new Map();
  /** @type {Promise<void>|null} */
  #writing = null;
  #outline = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #saying;
  #live;
  #kept;
  #say;
  #onFull;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {KeptFiles} parts.kept
   * @param {(sentence: string) => void} parts.say
   * @param {(files: string[]) => void} parts.onFull there was no room for these
   */
  constructor({ live, kept, say, onFull }) {
    this.#live = live;
    this.#kept = kept;
    this.#say = say;
    this.#onFull = onFull;
  }

  start() {
    this.#live.addEventListener("change", this.#changed);
  }

  stop() {
    clearTimeout(this.#saying);
    this.#live.removeEventListener("change", this.#changed);
    this.#end(false);
  }

  /** Resolves when everything this tab was given is kept, or is not going to be. */
  async settled() {
    await this.#writing;
  }

  #changed = () => {
    const { draft, connection } = this.#live;
    if (!this.#live.isOpen) return this.#end(DONE_WITH.has(connection));
    // Whoever signs out wants nothing left behind; after a new sign-in what is on its way is kept again.
    if (connection === ConnectionState.SIGNED_OUT) return this.#pause();
    this.#followHeld(draft.held);
    if (draft.snapshot && draft.snapshot !== this.#snapshot) this.#followSnapshot(draft.snapshot);
  };

  /** @param {boolean} forGood whether nobody will want the files again */
  #end(forGood) {
    this.#pause();
    this.#locks.releaseAll();
    if (forGood) this.#kept.clear();
  }

  #pause() {
    clearTimeout(this.#timer);
    this.#queue.clear();
    this.#safe.clear();
    this.#held = new Set();
  }

  /** @param {ReadonlySet<string>} held */
  #followHeld(held) {
    if (held === this.#held) return;
    for (const id of this.#held) if (!held.has(id)) this.#letGo(id);
    const fresh = [...held].filter((id) => !this.#held.has(id));
    this.#held = held;
    for (const id of fresh) this.#locks.hold(id);
    this.#write(fresh);
    this.#settleAnnounced();
    this.#describe();
  }

  /** @param {string} id */
  #letGo(id) {
    this.#left.add(id);
    this.#locks.release(id);
    const { snapshot, intents } = this.#live.draft;
    const isKnown = snapshot?.files.some(({ file }) => file === id) || intents.some(({ file }) => file === id);
    // It was refused, or removed: even where nobody hears of that before this page is gone, it does not come back.
    if (!isKnown || isRemoved(this.#live.draft, id)) this.#forget([id]);
  }

  /** @param {Snapshot} snapshot */
  #followSnapshot(snapshot) {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    const now = new Set(snapshot.files.map(({ file }) => file));
    const gone = (before?.files ?? []).map(({ file }) => file).filter((id) => !now.has(id));
    if (gone.length > 0) this.#forget(gone);
    for (const { file, sending } of snapshot.files) if (sending) this.#left.delete(file);
    const open = snapshot.files.filter((file) => isInterrupted(this.#live.draft, file) && !this.#left.has(file.file));
    this.#settleAnnounced();
    this.#describe();
    if (open.length > 0 || !before)
      this.#seek(
        open.map(({ file }) => file),
        before ? null : now,
      );
  }

  /** @param {string[]} ids */
  #forget(ids) {
    for (const id of ids) {
      this.#queue.delete(id);
      this.#safe.delete(id);
    }
    this.#kept.forget(ids);
  }

  /**
   * @param {string[]} ids interrupted files
   * @param {ReadonlySet<string>|null} known all files of the draft, when the page has just come to it
   */
  async #seek(ids, known) {
    for (const id of ids) {
      this.#left.add(id);
      this.#live.seek(id, true);
    }
    const kept = await this.#kept.all();
    if (known) await this.#welcome(kept, known);
    for (const id of ids) this.#takeUp(id, kept.get(id));
  }

  /**
   * A page that has just come: the files it had before, and those the server has not even heard of.
   * @param {Map<string, KeptFile>} kept
   * @param {ReadonlySet<string>} known
   */
  async #welcome(kept, known) {
    for (const { id, content } of kept.values()) {
      this.#safe.add(id);
      if (known.has(id)) this.#live.outbox.know(id, content);
    }
    const unknown = [...kept.values()].filter(({ id }) => !known.has(id) && !this.#live.outbox.fileOf(id));
    if (unknown.length === 0) return;
    const order = (await this.#kept.outline()).flatMap(({ files }) => files);
    const place = (/** @type {KeptFile} */ { id }) => (order.includes(id) ? order.indexOf(id) : order.length);
    for (const { id, content, list } of unknown.sort((one, other) => place(one) - place(other))) {
      this.#live.outbox.announce({ id, file: content, list });
      this.#announced.add(id);
      this.#resume();
    }
  }

  /** A file that was removed before the page was left is answered for, but never seen. */
  #settleAnnounced() {
    for (const id of this.#announced) {
      const isThere = this.#snapshot?.files.some(({ file }) => file === id);
      if (!isThere && this.#held.has(id)) continue;
      this.#announced.delete(id);
      if (isThere) continue;
      this.#live.forget(id);
      this.#forget([id]);
    }
  }

  /**
   * @param {string} id
   * @param {KeptFile|undefined} kept
   */
  async #takeUp(id, kept) {
    const mine = kept !== undefined && (await this.#locks.hold(id));
    const file = this.#snapshot?.files.find((candidate) => candidate.file === id);
    const open = mine && this.#live.isOpen && file !== undefined && isInterrupted(this.#live.draft, file);
    if (open) {
      this.#live.outbox.continue(id, kept.content);
      this.#resume();
    } else if (!this.#held.has(id)) {
      this.#locks.release(id);
    }
    this.#live.seek(id, false);
  }

  /** Counts a file that goes on by itself; those of one moment are told together. */
  #resume() {
    this.#resumed += 1;
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => {
      this.#say(spokenWords.resumed(this.#resumed));
      this.#resumed = 0;
    }, DEBOUNCE_MS);
  }

  /** @param {Iterable<string>} ids */
  #write(ids) {
    for (const id of ids) {
      const content = this.#live.outbox.fileOf(id);
      if (!content || this.#safe.has(id)) continue;
      this.#safe.add(id);
      this.#queue.set(id, { id, content, list: this.#listOf(id) });
    }
    if (this.#queue.size > 0) this.#writing ??= this.#writeAll();
  }

  async #writeAll() {
    await null; // What is added together is outlined together.
    // First the outline: without it nobody would ever tidy the files up.
    await this.#kept.describe(outlineOf(this.#live.draft));
    const full = [];
    for (const [id, kept] of this.#queue) {
      this.#queue.delete(id);
      if (!(await this.#kept.keep(kept))) full.push(id);
    }
    this.#writing = null;
    if (full.length > 0) this.#onFull(full);
  }

  /** @param {string} id */
  #listOf(id) {
    return lists(this.#live.draft).find(({ cards }) => cards.some((card) => card.id === id))?.id ?? "";
  }

  #describe() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const outline = outlineOf(this.#live.draft);
      const written = JSON.stringify(outline);
      if (written === this.#outline || this.#safe.size === 0) return;
      this.#outline = written;
      this.#kept.describe(outline);
    }, DEBOUNCE_MS);
  }
}

/**
 * Whether nobody sends it, although its bytes are wanted.
 * @param {Draft} draft
 * @param {FileInfo} file
 */
function isInterrupted(draft, { file, state, sending }) {
  const isTaken = sending || draft.held.has(file) || draft.faults.has(file) || isRemoved(draft, file);
  return state === "receiving" && !isTaken;
}

/**
 * Whether the user removed it, though the server may not know.
 * @param {Draft} draft
 * @param {string} id
 */
function isRemoved({ intents }, id) {
  return intents.some(({ file, kind }) => file === id && kind === "remove");
}

/**
 * @param {Draft} draft
 * @returns {Outline}
 */
function outlineOf(draft) {
  return lists(draft).map(({ id, label, cards }) => ({
    id,
    label,
    files: cards.filter(({ attached }) => !attached).map((card) => card.id),
  }));
}
