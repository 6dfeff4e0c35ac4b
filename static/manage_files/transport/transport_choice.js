// @ts-check
/**
 * Chooses the transport of the next attempt: a WebSocket, or HTTP where WebSockets are blocked. Pure.
 *
 * A server that is down and a network that blocks WebSockets look the same: the handshake fails. HTTP tells them
 * apart, but only in this order: it answers, and the handshake right after that still fails.
 */

/**
 * By step: whether its attempt uses HTTP, and the next step after a failure or an answer.
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

  /** Whether only HTTP works here, as far as is known. */
  get isLimited() {
    return this.#step === "limited";
  }

  /**
   * An attempt ended without a single frame.
   * @param {boolean} canHttp whether HTTP can be tried
   */
  failed(canHttp) {
    const next = STEPS[this.#step].failed;
    if (canHttp || !STEPS[next].usesHttp) this.#step = next;
  }

  /**
   * The first frame of an attempt is there.
   * @returns {boolean} whether that was all that it was for: another way is to be tried now
   */
  answered() {
    const asked = this.usesHttp;
    this.#step = STEPS[this.#step].answered;
    return asked !== this.usesHttp;
  }

  /** A WebSocket works after all. */
  opened() {
    this.#step = "first";
  }
}
