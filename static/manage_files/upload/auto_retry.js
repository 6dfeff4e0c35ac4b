// @ts-check
/** Schedules retries of files that the server could not accept, with growing delays, up to a limit. */
import { retryDelay } from "../transport/backoff.js";

export const MAX_TRIES = 5;

export class AutoRetry {
  /** @type {Map<string, number>} attempts so far, by file */
  #tries = new Map();
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #timers = new Map();
  #onDue;

  /** @param {(file: string) => void} onDue called when it is time to retry */
  constructor(onDue) {
    this.#onDue = onDue;
  }

  /**
   * Records a failed attempt.
   * @param {string} file
   * @returns {number} the number of the next automatic retry, from 1; 0 if there is none
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
   * Cancels the timer, because a retry has started, by timer or by the user.
   * @param {string} file
   */
  cancelTimer(file) {
    clearTimeout(this.#timers.get(file));
    this.#timers.delete(file);
  }

  /**
   * Forgets a file that has succeeded or is no longer wanted.
   * @param {string} file
   */
  reset(file) {
    this.cancelTimer(file);
    this.#tries.delete(file);
  }
}
