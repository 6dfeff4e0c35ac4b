// @ts-check
/**
 * Limits the unacknowledged chunks on one socket, for all its transfers together (credit-based flow control). Waiting
 * transfers are served in order, so that several files advance side by side and none starves.
 */
export class FlowControl {
  #free;
  /** @type {Array<() => void>} */
  #waiting = [];

  /** @param {number} chunks the server's window */
  constructor(chunks) {
    this.#free = chunks;
  }

  /**
   * Resolves when one more chunk may be sent.
   * @param {AbortSignal} signal its reason is thrown if it is aborted while waiting
   * @returns {Promise<void>}
   */
  async acquire(signal) {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise((resolve, reject) => {
      const granted = () => {
        signal.removeEventListener("abort", aborted);
        resolve(undefined);
      };
      const aborted = () => {
        this.#waiting.splice(this.#waiting.indexOf(granted), 1);
        reject(signal.reason);
      };
      signal.addEventListener("abort", aborted, { once: true });
      this.#waiting.push(granted);
    });
  }

  /**
   * Returns the credit of chunks that were acknowledged or never will be.
   * @param {number} chunks
   */
  release(chunks) {
    for (let left = chunks; left > 0; left -= 1) {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
