// @ts-check
/**
 * Decides which tab of this browser uploads a file: the one that holds its lock. The next in line gets the lock when
 * that tab finishes, closes or crashes. Browsers have locks only in secure contexts; elsewhere the server decides
 * alone, and the tab that asked first stops.
 */

const PREFIX = "manage-files:";

export class UploadLocks {
  /** @type {Map<string, {granted: Promise<boolean>, release: () => void}>} held or waited for */
  #locks = new Map();

  /**
   * @param {string} file
   * @returns {Promise<boolean>} resolves when the lock is ours; false if it was released before
   */
  acquire(file) {
    const lock = this.#locks.get(file) ?? request(PREFIX + file);
    this.#locks.set(file, lock);
    return lock.granted;
  }

  /** @param {string} file */
  release(file) {
    this.#locks.get(file)?.release();
    this.#locks.delete(file);
  }

  releaseAll() {
    for (const file of [...this.#locks.keys()]) this.release(file);
  }
}

/** @param {string} name */
function request(name) {
  const { locks } = navigator;
  if (!locks) return { granted: Promise.resolve(true), release: () => {} };
  const waiting = new AbortController();
  let end = () => {};
  const done = new Promise((resolve) => {
    end = () => resolve(undefined);
  });
  const granted = new Promise((resolve) => {
    const taken = () => {
      resolve(true);
      return done;
    };
    locks.request(name, { signal: waiting.signal }, taken).catch(() => resolve(false));
  });
  const release = () => {
    waiting.abort();
    end();
  };
  return { granted, release };
}
