// @ts-check
/** Schedules retries of files that the server could not take, with growing delays, up to a limit. */
import { retryDelay } from "../transport/backoff.js";

export const MAX_TRIES = 5;

export class AutoRetry {
  /** @type {Map<string, number>} tries so far, by file */
  #tries = new Map();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #onDue;

  /** @param {(file: string) => void} onDue it is time */
  constructor(onDue) {
    this.#onDue = onDue;
  }

  /**
   * A try has failed.
   * @param {string} file
   * @returns {number} which try comes next by itself, from 1; 0: none
   */
  schedule(file) {
    const next = (this.#tries.get(file) ?? 0) + 1;
    if (next > MAX_TRIES) {
      this.reset(file);
      return 0;
    }
    this.#tries.set(file, next);
    this.#timers.set(
      file,
      setTimeout(() => this.#onDue(file), retryDelay(next - 1)),
    );
    return next;
  }

  /**
   * It is being tried now, by timer or by the user.
   * @param {string} file
   */
  cancelTimer(file) {
    clearTimeout(this.#timers.get(file));
    this.#timers.delete(file);
  }

  /**
   * It has succeeded, or is not wanted any more.
   * @param {string} file
   */
  reset(file) {
    this.cancelTimer(file);
    this.#tries.delete(file);
  }
}
