// @ts-check
/**
 * Caches the files of a draft in this browser until the draft ends, so that nobody has to choose them again after a
 * reload or a crash. The only module that uses IndexedDB.
 *
 * Best effort: a browser may forbid storage, lose it or run out of space. Then nothing is cached, and only a lack of
 * space is reported. Everything is stored by user, so that nobody sees the files of others on a shared computer.
 */

const DATABASE = "manage-files";
const VERSION = 1;
const FILES = "files";
const OUTLINES = "outlines";
/** Drafts older than this are no longer cached. */
const MAX_AGE_MS = 30 * 24 * 3_600_000;
/** How long to wait for a database that another tab blocks. */
const OPEN_TIMEOUT_MS = 3_000;

/** @typedef {{id: string, content: File, list: string}} CachedFile a file, and the list it was added to */
/** @typedef {Array<{id: string, label: string, files: string[]}>} Outline the lists of a draft with their files, in order */
/** @typedef {{files: IDBObjectStore, outlines: IDBObjectStore}} Stores */

/** @type {Promise<IDBDatabase>|null} */
let database = null;
/** Whether the user has signed out on this page. */
let isSignedOut = false;

export class FileCache {
  #user;
  #draft;

  /**
   * @param {string} user the signed-in user, as named by the server; empty: nothing is cached
   * @param {string} draft its id
   */
  constructor(user, draft) {
    this.#user = user;
    this.#draft = draft;
  }

  /**
   * @param {CachedFile} file
   * @returns {Promise<boolean>} false if there was no space for it
   */
  async put(file) {
    if (!this.#user || isSignedOut) return true;
    try {
      await transact("readwrite", ({ files }) => files.put(file, [this.#user, this.#draft, file.id]));
    } catch (error) {
      return /** @type {any} */ (error)?.name !== "QuotaExceededError";
    }
    return true;
  }

  /** @returns {Promise<Map<string, CachedFile>>} by file id */
  async loadAll() {
    const range = within(this.#user, this.#draft);
    const found = await this.#attempt(/** @type {CachedFile[]} */ ([]), "readonly", ({ files }) => files.getAll(range));
    return new Map(found.map((file) => [file.id, file]));
  }

  /** @param {Iterable<string>} ids files that are no longer in the draft */
  async remove(ids) {
    await this.#attempt(undefined, "readwrite", ({ files }) => {
      for (const id of ids) files.delete([this.#user, this.#draft, id]);
    });
  }

  /**
   * @param {Outline} lists
   * @param {string[]} removed names of images the user removed, of which the server may not know
   */
  async saveOutline(lists, removed) {
    if (isSignedOut) return;
    await this.#attempt(undefined, "readwrite", ({ outlines }) => {
      outlines.put({ at: Date.now(), lists, removed }, [this.#user, this.#draft]);
    });
  }

  /** @returns {Promise<{lists: Outline, removed: string[]}>} the latest outline */
  async loadOutline() {
    const nothing = /** @type {{lists: Outline, removed?: string[]}} */ ({ lists: [] });
    const found = await this.#attempt(nothing, "readonly", ({ outlines }) => outlines.get([this.#user, this.#draft]));
    return { lists: found?.lists ?? [], removed: found?.removed ?? [] };
  }

  /** Deletes the files of a draft that has ended. */
  async clear() {
    await this.#attempt(undefined, "readwrite", (stores) => drop(stores, this.#user, this.#draft));
  }

  /**
   * @template T
   * @param {T} otherwise
   * @param {IDBTransactionMode} mode
   * @param {(stores: Stores) => IDBRequest|void} work
   * @returns {Promise<T>}
   */
  async #attempt(otherwise, mode, work) {
    return this.#user ? transact(mode, work).catch(() => otherwise) : otherwise;
  }
}

/**
 * Deletes entries that are too old, and all entries of other users.
 * @param {string} user the signed-in user
 */
export async function pruneCache(user) {
  await transact("readwrite", (stores) => {
    for (const store of [stores.files, stores.outlines]) {
      store.delete(IDBKeyRange.upperBound([user], true));
      store.delete(IDBKeyRange.lowerBound([user, []], true));
    }
    const asked = stores.outlines.openCursor();
    asked.onsuccess = () => {
      const cursor = asked.result;
      if (!cursor) return;
      const [owner, draft] = /** @type {string[]} */ (cursor.key);
      if (cursor.value.at < Date.now() - MAX_AGE_MS) drop(stores, owner, draft);
      cursor.continue();
    };
  }).catch(() => {});
}

/**
 * @param {string} user
 * @returns {Promise<string[]>} drafts with cached files
 */
export async function cachedDrafts(user) {
  const keys = await transact("readonly", ({ outlines }) => outlines.getAllKeys(within(user))).catch(() => []);
  return keys.map((/** @type {string[]} */ [, draft]) => draft);
}

/** Deletes the files of all users and stops caching on this page, even files that are being added right now. */
export async function clearCache() {
  isSignedOut = true;
  await transact("readwrite", ({ files, outlines }) => {
    files.clear();
    outlines.clear();
  }).catch(() => {});
}

/**
 * @param {Stores} stores
 * @param {string} user
 * @param {string} draft
 */
function drop({ files, outlines }, user, draft) {
  files.delete(within(user, draft));
  outlines.delete([user, draft]);
}

/** @param {...string} path everything whose key begins with it: an array sorts after all strings */
function within(...path) {
  return IDBKeyRange.bound(path, [...path, []]);
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(stores: Stores) => IDBRequest|void} work
 * @returns {Promise<any>} the result of the request that `work` returns, once everything is written
 */
async function transact(mode, work) {
  database ??= open();
  const opened = await database;
  return new Promise((resolve, reject) => {
    const transaction = opened.transaction([FILES, OUTLINES], mode);
    transaction.onabort = () => reject(transaction.error ?? new Error("The transaction was aborted."));
    const request = work({ files: transaction.objectStore(FILES), outlines: transaction.objectStore(OUTLINES) });
    transaction.oncomplete = () => resolve(request?.result);
  });
}

/** @returns {Promise<IDBDatabase>} */
function open() {
  const opening = new Promise((resolve, reject) => {
    let isLate = false;
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(FILES);
      request.result.createObjectStore(OUTLINES);
    };
    // Close a database that opens too late, because it would block its upgrade.
    request.onsuccess = () => (isLate ? request.result.close() : resolve(request.result));
    request.onerror = () => reject(request.error);
    setTimeout(() => {
      isLate = true;
      reject(new Error("The database does not open."));
    }, OPEN_TIMEOUT_MS);
  });
  const reset = () => {
    database = null;
  };
  opening.then((opened) => {
    // A newer version of the page, or clearing the browser data, needs it closed; the next use opens it again.
    opened.onversionchange = () => opened.close() ?? reset();
    opened.onclose = reset;
  }, reset);
  return opening;
}
