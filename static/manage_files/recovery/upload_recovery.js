// @ts-check
/**
 * Caches the files of a draft and resumes interrupted ones: a file that no tab is sending continues wherever its bytes
 * are cached, in one tab at a time.
 */
import { lists } from "../model/cards.js";
import * as announcements from "../text/announcements.js";
import { ConnectionState } from "../transport/connection.js";
import { removedNames } from "./ended_draft.js";
import { UploadLocks } from "./upload_locks.js";

/**
 * @import { Draft } from "../model/draft.js"
 * @import { CachedFile, FileCache, Outline } from "./file_cache.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { FileInfo, Snapshot } from "../transport/protocol.js"
 */

const DEBOUNCE_MS = 100;
/** @type {ReadonlySet<string>} ends intended by a user */
const DONE_WITH = new Set([ConnectionState.COMMITTED, ConnectionState.DISCARDED]);

export class UploadRecovery {
  #locks = new UploadLocks();
  /** @type {ReadonlySet<string>} files this tab was sending at the last check */
  #held = new Set();
  /** @type {Set<string>} files this tab gave up or did not find, and does not retry; another tab may have them */
  #left = new Set();
  /** @type {Snapshot|null} */
  #snapshot = null;
  /** @type {Set<string>} files that are already cached */
  #safe = new Set();
  /** @type {Set<string>} cached files unknown to the server, which may still report them as removed */
  #announced = new Set();
  #resumed = 0;
  /** @type {Map<string, CachedFile>} to be written one after the other */
  #queue = new Map();
  /** @type {Promise<void>|null} */
  #writing = null;
  #outline = "";
  /** @type {Draft["pendingChanges"]} as of the last outline */
  #pendingChanges = [];
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #saying;
  #live;
  #cache;
  #say;
  #onFull;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {FileCache} parts.cache
   * @param {(sentence: string) => void} parts.say
   * @param {(files: string[]) => void} parts.onFull called when there was no space for these
   */
  constructor({ live, cache, say, onFull }) {
    this.#live = live;
    this.#cache = cache;
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

  /** Resolves when all files of this tab are cached or cannot be. */
  async settled() {
    await this.#writing;
  }

  #changed = () => {
    const { draft, connection } = this.#live;
    if (!this.#live.isOpen) return this.#end(DONE_WITH.has(connection));
    // After signing out nothing may be left behind; after signing in again, running uploads are cached again.
    if (connection === ConnectionState.SIGNED_OUT) return this.#pause();
    this.#followHeld(draft.held);
    if (draft.pendingChanges !== this.#pendingChanges) {
      this.#pendingChanges = draft.pendingChanges;
      this.#saveOutline();
    }
    if (draft.snapshot && draft.snapshot !== this.#snapshot) this.#followSnapshot(draft.snapshot);
  };

  /** @param {boolean} forGood whether the files will never be needed again */
  #end(forGood) {
    this.#pause();
    this.#locks.releaseAll();
    if (forGood) this.#cache.clear();
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
    for (const id of this.#held) if (!held.has(id)) this.#release(id);
    const fresh = [...held].filter((id) => !this.#held.has(id));
    this.#held = held;
    for (const id of fresh) this.#locks.acquire(id);
    this.#write(fresh);
    this.#settleAnnounced();
    this.#saveOutline();
  }

  /** @param {string} id */
  #release(id) {
    this.#left.add(id);
    this.#locks.release(id);
    const { snapshot, pendingChanges } = this.#live.draft;
    const isKnown = snapshot?.files.some(({ file }) => file === id) || pendingChanges.some(({ file }) => file === id);
    // It was refused or removed and must not come back, even if the server learns of that only after this page.
    if (!isKnown || isRemoved(this.#live.draft, id)) this.#removeCached([id]);
  }

  /** @param {Snapshot} snapshot */
  #followSnapshot(snapshot) {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    const now = new Set(snapshot.files.map(({ file }) => file));
    const gone = (before?.files ?? []).map(({ file }) => file).filter((id) => !now.has(id));
    if (gone.length > 0) this.#removeCached(gone);
    for (const { file, sending } of snapshot.files) if (sending) this.#left.delete(file);
    const open = snapshot.files.filter((file) => isInterrupted(this.#live.draft, file) && !this.#left.has(file.file));
    this.#settleAnnounced();
    this.#saveOutline();
    if (open.length > 0 || !before)
      this.#searchCache(
        open.map(({ file }) => file),
        before ? null : now,
      );
  }

  /** @param {string[]} ids */
  #removeCached(ids) {
    for (const id of ids) {
      this.#queue.delete(id);
      this.#safe.delete(id);
    }
    this.#cache.remove(ids);
  }

  /**
   * @param {string[]} ids interrupted files
   * @param {ReadonlySet<string>|null} known all files of the draft, if the page has just been opened
   */
  async #searchCache(ids, known) {
    for (const id of ids) {
      this.#left.add(id);
      this.#live.markSearching(id, true);
    }
    const cached = await this.#cache.loadAll();
    if (known) await this.#restore(cached, known);
    for (const id of ids) this.#resumeCached(id, cached.get(id));
  }

  /**
   * Restores the files after a reload, and announces those unknown to the server.
   * @param {Map<string, CachedFile>} cached
   * @param {ReadonlySet<string>} known
   */
  async #restore(cached, known) {
    for (const { id, content } of cached.values()) {
      this.#safe.add(id);
      if (known.has(id)) this.#live.uploads.addLocalFile(id, content);
    }
    const unknown = [...cached.values()].filter(({ id }) => !known.has(id) && !this.#live.uploads.fileOf(id));
    if (unknown.length === 0) return;
    const order = (await this.#cache.loadOutline()).lists.flatMap(({ files }) => files);
    const place = (/** @type {CachedFile} */ { id }) => (order.includes(id) ? order.indexOf(id) : order.length);
    for (const { id, content, list } of unknown.sort((one, other) => place(one) - place(other))) {
      this.#live.uploads.announce({ id, file: content, list });
      this.#announced.add(id);
      this.#countResumed();
    }
  }

  /** Forgets announced files that the server knows as removed; they never appear in a snapshot. */
  #settleAnnounced() {
    for (const id of this.#announced) {
      const isThere = this.#snapshot?.files.some(({ file }) => file === id);
      if (!isThere && this.#held.has(id)) continue;
      this.#announced.delete(id);
      if (isThere) continue;
      this.#live.forgetFile(id);
      this.#removeCached([id]);
    }
  }

  /**
   * @param {string} id
   * @param {CachedFile|undefined} cached
   */
  async #resumeCached(id, cached) {
    const mine = cached !== undefined && (await this.#locks.acquire(id));
    const file = this.#snapshot?.files.find((candidate) => candidate.file === id);
    const open = mine && this.#live.isOpen && file !== undefined && isInterrupted(this.#live.draft, file);
    if (open) {
      this.#live.uploads.resumeFile(id, cached.content);
      this.#countResumed();
    } else if (!this.#held.has(id)) {
      this.#locks.release(id);
    }
    this.#live.markSearching(id, false);
  }

  /** Counts a file that resumes by itself; those resumed at the same time are announced together. */
  #countResumed() {
    this.#resumed += 1;
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => {
      this.#say(announcements.resumed(this.#resumed));
      this.#resumed = 0;
    }, DEBOUNCE_MS);
  }

  /** @param {Iterable<string>} ids */
  #write(ids) {
    for (const id of ids) {
      const content = this.#live.uploads.fileOf(id);
      if (!content || this.#safe.has(id)) continue;
      this.#safe.add(id);
      this.#queue.set(id, { id, content, list: this.#listOf(id) });
    }
    if (this.#queue.size > 0) this.#writing ??= this.#writeAll();
  }

  async #writeAll() {
    await null; // files added together are outlined together
    // The outline first: without it the files would never be pruned.
    await this.#cache.saveOutline(outlineOf(this.#live.draft), removedNames(this.#live.draft));
    const full = [];
    for (const [id, cached] of this.#queue) {
      this.#queue.delete(id);
      if (!(await this.#cache.put(cached))) full.push(id);
    }
    this.#writing = null;
    if (full.length > 0) this.#onFull(full);
  }

  /** @param {string} id */
  #listOf(id) {
    return lists(this.#live.draft).find(({ cards }) => cards.some((card) => card.id === id))?.id ?? "";
  }

  #saveOutline() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const outline = outlineOf(this.#live.draft);
      const removed = removedNames(this.#live.draft);
      const written = JSON.stringify([outline, removed]);
      if (written === this.#outline || this.#safe.size === 0) return;
      this.#outline = written;
      this.#cache.saveOutline(outline, removed);
    }, DEBOUNCE_MS);
  }
}

/**
 * Whether no tab sends it, although the server needs its bytes.
 * @param {Draft} draft
 * @param {FileInfo} file
 */
function isInterrupted(draft, { file, state, sending }) {
  const isTaken = sending || draft.held.has(file) || draft.faults.has(file) || isRemoved(draft, file);
  return state === "receiving" && !isTaken;
}

/**
 * Whether the user removed it, even if the server does not know yet.
 * @param {Draft} draft
 * @param {string} id
 */
function isRemoved({ pendingChanges }, id) {
  return pendingChanges.some(({ file, kind }) => file === id && kind === "remove");
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
