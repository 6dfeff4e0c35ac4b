// @ts-check
/**
 * Chooses the transport of the next attempt: a WebSocket, or HTTP where WebSockets are blocked. Pure.
 *
 * A server that is down and a network that blocks WebSockets look the same: the handshake fails. HTTP distinguishes
 * them, but only in this order: it responds, and the handshake right after that still fails.
 */

/**
 * For each step: whether its attempt uses HTTP, and the next step after a failure or a response.
 * @type {Record<string, {usesHttp: boolean, failed: string, answered: string}>}
 */
const STEPS = Object.freeze({
  first: { usesHttp: false, failed: "second", answered: "first" },
  second: { usesHttp: false, failed: "question", answered: "first" },
  question: { usesHttp: true, failed: "second", answered: "proof" },
  proof: { usesHttp: false, failed: "limited", answered: "first" },
  limited: { usesHttp: true, failed: "second", answered: "limited" },
});

export class TransportChoice {
  #step = "first";

  /** Whether the next attempt goes over HTTP. */
  get usesHttp() {
    return STEPS[this.#step].usesHttp;
  }

  /** Whether only HTTP is known to work here. */
  get isLimited() {
    return this.#step === "limited";
  }

  /**
   * Handles an attempt that ended without a frame.
   * @param {boolean} canHttp whether HTTP can be tried
   */
  failed(canHttp) {
    const next = STEPS[this.#step].failed;
    if (canHttp || !STEPS[next].usesHttp) this.#step = next;
  }

  /**
   * Handles the first frame of an attempt.
   * @returns {boolean} whether the attempt has served its purpose and another transport is to be tried now
   */
  answered() {
    const asked = this.usesHttp;
    this.#step = STEPS[this.#step].answered;
    return asked !== this.usesHttp;
  }

  /** Handles a WebSocket that works after all. */
  opened() {
    this.#step = "first";
  }
}
