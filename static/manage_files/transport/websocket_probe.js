// @ts-check
/**
 * Probes for a working WebSocket in limited mode, while HTTP continues. Only a first frame counts: a network may let a
 * socket open and then let nothing through.
 */
import { probeDelay } from "./backoff.js";

const NORMAL_CLOSE = 1000;
const FRAME_TIMEOUT_MS = 5_000;

export class WebSocketProbe {
  /** @type {WebSocket|null} the socket being tried */
  #candidate = null;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} the next attempt, or the deadline of this one */
  #timer;
  #open;
  #onFrame;

  /**
   * @param {() => WebSocket} open
   * @param {(socket: WebSocket, data: string) => void} onFrame called with a working socket and its first frame
   */
  constructor(open, onFrame) {
    this.#open = open;
    this.#onFrame = onFrame;
  }

  /** Tries soon, then after increasing pauses. */
  start() {
    this.#tries = 0;
    this.#schedule();
  }

  /** Tries now instead of waiting for the next attempt. */
  tryNow() {
    this.stop();
    const candidate = this.#open();
    this.#candidate = candidate;
    const current = (/** @type {(event: any) => void} */ listener) => (/** @type {any} */ event) => {
      if (candidate === this.#candidate) listener(event);
    };
    const failed = current(() => {
      this.stop();
      this.#schedule();
    });
    candidate.addEventListener("close", failed);
    candidate.addEventListener(
      "message",
      current(({ data }) => {
        this.#candidate = null; // it is no longer ours to close
        this.stop();
        this.#onFrame(candidate, data);
      }),
    );
    this.#timer = setTimeout(failed, FRAME_TIMEOUT_MS);
  }

  stop() {
    clearTimeout(this.#timer);
    const candidate = this.#candidate;
    this.#candidate = null;
    candidate?.close(NORMAL_CLOSE);
  }

  #schedule() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.tryNow(), probeDelay(this.#tries));
    this.#tries += 1;
  }
}
