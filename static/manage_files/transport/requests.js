// @ts-check
/**
 * Sends commands and matches the server's responses to them. A command without a response when the socket broke is sent
 * again on the next one, in order; the protocol makes that harmless. Once there can be no next one, all reject.
 *
 * A message that the server cannot read is not repeated forever. A refusal that does not name its command belongs to
 * the oldest one without a response (a server responds in order), and a command refused twice is given up.
 */
import { newOp } from "./ids.js";
import { Code, MAX_TEXT_FRAME, ServerType } from "./protocol.js";

/** The server refused the command; the message is meant for the user. */
export class RefusedError extends Error {
  /** @param {{code: string, message: string, retryable: boolean}} error */
  constructor({ code, message, retryable }) {
    super(message);
    this.name = "RefusedError";
    this.code = code;
    this.retryable = retryable;
  }
}

/** The socket broke before the response arrived. */
export class DisconnectedError extends Error {}

/** There is no server to ask any more, because the draft has ended or is not ours. */
export class DraftEndedError extends Error {}

/** @type {ReadonlySet<string>} refusals of a repeated command that succeeded the first time */
const ALREADY_DONE = new Set([Code.NOT_POSSIBLE, Code.FILE_NOT_FOUND]);
/** @type {ReadonlySet<string>} refusals that concern the socket; the next one repeats the command */
const OF_THE_SOCKET = new Set([Code.SIGNED_OUT, Code.LEASE_LOST, Code.RESTARTING]);
const MAX_SOCKETS = 5;
const encoder = new TextEncoder();
/** The server's sentence. */
const TOO_LONG = "The text of this form is too long to be kept. Shorten it.";
/** How often a command may be refused without being named before it is given up. */
const MAX_REFUSALS = 2;
/** @type {ReadonlySet<string>} */
const ANSWERS = new Set([ServerType.OK, ServerType.TRANSFER, ServerType.ERROR]);

/**
 * @typedef {object} PendingRequest
 * @property {any} message
 * @property {number} asked how often it was sent
 * @property {boolean} isSent whether it was sent on the current socket
 * @property {number} refused how often it may have been the unreadable message
 * @property {boolean} once whether it is meaningless on another socket
 * @property {(answer: any) => void} resolve
 * @property {(reason: Error) => void} reject
 */

export class Requests {
  /** @type {Map<string, PendingRequest>} in the order they were requested */
  #open = new Map();
  #send;
  #ready = false;
  #isOver = false;

  /** @param {(message: object) => boolean} send returns false if the message could not be sent */
  constructor(send) {
    this.#send = send;
  }

  /**
   * @param {{type: string, op?: string, [field: string]: unknown}} message
   * @param {{once?: boolean}} [options] once: do not repeat it on the next socket
   * @returns {Promise<any>} the `ok` or `transfer`; rejects with one of the errors above (`DisconnectedError` only with `once`)
   */
  request(message, { once = false } = {}) {
    if (this.#isOver) return Promise.reject(new DraftEndedError());
    const op = message.op ?? newOp();
    return new Promise((resolve, reject) => {
      const pending = { message: { op, ...message }, asked: 0, isSent: false, refused: 0, once, resolve, reject };
      this.#open.set(op, pending);
      if (this.#ready) this.#transmit(pending);
    });
  }

  /** Sends all pending commands on a new socket. */
  resume() {
    this.#ready = true;
    for (const pending of this.#open.values()) this.#transmit(pending);
  }

  /** Makes commands wait for the next socket, because this one is gone. */
  pause() {
    this.#ready = false;
    for (const [op, pending] of this.#open) {
      pending.isSent = false;
      if (!pending.once || pending.asked === 0) continue;
      this.#open.delete(op);
      pending.reject(new DisconnectedError());
    }
  }

  /** Rejects all pending and future commands, because there will be no other socket. */
  end() {
    this.#isOver = true;
    for (const pending of this.#open.values()) pending.reject(new DraftEndedError());
    this.#open.clear();
  }

  /**
   * @param {any} frame
   * @returns {boolean} whether it was the response to a command
   */
  receive(frame) {
    const pending = ANSWERS.has(frame.type) ? this.#open.get(frame.op) : undefined;
    if (!pending) return this.#refusedUnnamed(frame);
    if (OF_THE_SOCKET.has(frame.code) && !pending.once && pending.asked < MAX_SOCKETS) return true;
    this.#open.delete(frame.op);
    if (frame.type !== ServerType.ERROR) pending.resolve(frame);
    else if (pending.asked > 1 && ALREADY_DONE.has(frame.code))
      pending.resolve({ type: ServerType.OK, op: frame.op, revision: 0 });
    else pending.reject(new RefusedError(frame));
    return true;
  }

  /**
   * @param {any} frame
   * @returns {boolean} whether it refuses a command without naming it
   */
  #refusedUnnamed(frame) {
    if (frame.type !== ServerType.ERROR || frame.code !== Code.BAD_MESSAGE || frame.op || frame.file) return false;
    const oldest = [...this.#open].find(([, { isSent }]) => isSent);
    if (!oldest) return false;
    const [op, pending] = oldest;
    this.#open.delete(op);
    pending.refused += 1;
    if (pending.refused >= MAX_REFUSALS) {
      pending.reject(new RefusedError(frame));
    } else {
      // Last in line again: responses arrive in the order of the messages.
      this.#open.set(op, pending);
      this.#transmit(pending);
    }
    return true;
  }

  /** @param {PendingRequest} pending */
  #transmit(pending) {
    const { message } = pending;
    if (encoder.encode(JSON.stringify(message)).length > MAX_TEXT_FRAME) {
      this.#open.delete(message.op);
      const tooLong = { code: Code.TEXT_TOO_LARGE, message: TOO_LONG, retryable: false };
      return pending.reject(new RefusedError(tooLong));
    }
    if (!this.#send(message)) return;
    pending.asked += 1;
    pending.isSent = true;
  }
}
