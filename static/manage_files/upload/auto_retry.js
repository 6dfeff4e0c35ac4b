// @ts-check
/** When to try again by ourselves what the server could not take: later and later, and not for ever. */
import { retryPause } from "../transport/backoff.js";

export const MAX_TRIES = 5;

export class Retries {
  /** @type {Map<string, number>} tries so far, by file */
  #tries = new Map();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #again;

  /** @param {(file: string) => void} again it is time */
  constructor(again) {
    this.#again = again;
  }

  /**
   * A try has failed.
   * @param {string} file
   * @returns {number} which try comes next by itself, from 1; 0: none
   */
  failed(file) {
    const next = (this.#tries.get(file) ?? 0) + 1;
    if (next > MAX_TRIES) {
      this.forget(file);
      return 0;
    }
    this.#tries.set(file, next);
    this.#timers.set(
      file,
      setTimeout(() => this.#again(file), retryPause(next - 1)),
    );
    return next;
  }

  /**
   * It is tried now, by whomever.
   * @param {string} file
   */
  begun(file) {
    clearTimeout(this.#timers.get(file));
    this.#timers.delete(file);
  }

  /**
   * It has worked, or nobody wants it any more.
   * @param {string} file
   */
  forget(file) {
    this.begun(file);
    this.#tries.delete(file);
  }
}
