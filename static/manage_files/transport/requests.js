// @ts-check
/**
 * Sends commands and matches the server's answers to them. A command that was unanswered when the socket broke is sent
 * again on the next one, in order; the protocol makes that harmless. Once there can be no next one, all reject.
 */
import { newOp } from "./ids.js";
import { Code, ServerType } from "./protocol.js";

/** The server refused; the message is meant for the user. */
export class RefusedError extends Error {
  /** @param {{code: string, message: string, retryable: boolean}} error */
  constructor({ code, message, retryable }) {
    super(message);
    this.name = "RefusedError";
    this.code = code;
    this.retryable = retryable;
  }
}

/** The socket broke before the answer came. */
export class DisconnectedError extends Error {}

/** There is no server to ask any more: the draft has ended, or is not ours. */
export class DraftEndedError extends Error {}

/** @type {ReadonlySet<string>} what a command that was asked twice hears when the first one worked */
const ALREADY_DONE = new Set([Code.NOT_POSSIBLE, Code.FILE_NOT_FOUND]);
/** @type {ReadonlySet<string>} */
const ANSWERS = new Set([ServerType.OK, ServerType.TRANSFER, ServerType.ERROR]);

/**
 * @typedef {object} PendingRequest
 * @property {any} message
 * @property {number} asked how often it was sent
 * @property {boolean} once whether it means nothing on another socket
 * @property {(answer: any) => void} resolve
 * @property {(reason: Error) => void} reject
 */

export class Requests {
  /** @type {Map<string, PendingRequest>} in the order they were asked */
  #open = new Map();
  #send;
  #ready = false;
  #isOver = false;

  /** @param {(message: object) => boolean} send false when the message could not leave */
  constructor(send) {
    this.#send = send;
  }

  /**
   * @param {{type: string, op?: string, [field: string]: unknown}} message
   * @param {{once?: boolean}} [options] once: do not ask again on the next socket
   * @returns {Promise<any>} the `ok` or `transfer`; rejects with one of the errors above (`DisconnectedError` only with `once`)
   */
  request(message, { once = false } = {}) {
    if (this.#isOver) return Promise.reject(new DraftEndedError());
    const op = message.op ?? newOp();
    return new Promise((resolve, reject) => {
      const pending = { message: { ...message, op }, asked: 0, once, resolve, reject };
      this.#open.set(op, pending);
      if (this.#ready) this.#transmit(pending);
    });
  }

  /** Sends all pending commands on a new socket. */
  resume() {
    this.#ready = true;
    for (const pending of this.#open.values()) this.#transmit(pending);
  }

  /** The socket is gone: commands wait for the next one. */
  pause() {
    this.#ready = false;
    for (const [op, pending] of this.#open) {
      if (!pending.once || pending.asked === 0) continue;
      this.#open.delete(op);
      pending.reject(new DisconnectedError());
    }
  }

  /** Rejects all pending and future commands: there will be no other socket. */
  end() {
    this.#isOver = true;
    for (const pending of this.#open.values()) pending.reject(new DraftEndedError());
    this.#open.clear();
  }

  /**
   * @param {any} frame
   * @returns {boolean} whether it was the answer to a command
   */
  receive(frame) {
    const pending = ANSWERS.has(frame.type) ? this.#open.get(frame.op) : undefined;
    if (!pending) return false;
    this.#open.delete(frame.op);
    if (frame.type !== ServerType.ERROR) pending.resolve(frame);
    else if (pending.asked > 1 && ALREADY_DONE.has(frame.code))
      pending.resolve({ type: ServerType.OK, op: frame.op, revision: 0 });
    else pending.reject(new RefusedError(frame));
    return true;
  }

  /** @param {PendingRequest} pending */
  #transmit(pending) {
    if (this.#send(pending.message)) pending.asked += 1;
  }
}
