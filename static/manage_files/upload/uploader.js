// @ts-check
/**
 * Carries the files this tab holds to the server: all are announced at once, so that each has its
 * place in every tab; their bytes take turns. A broken socket only means asking where to go on.
 */

import { ClientType, Code, ServerType } from "../transport/protocol.js";
import { Disconnected, Refused } from "../transport/requests.js";
import { Credit } from "./flow_control.js";
import { sha256, Transfer } from "./transfer.js";
import { nextTurns } from "./upload_queue.js";

/**
 * @import { Commands, Over } from "../transport/requests.js"
 * @import { LimitsInfo } from "../transport/protocol.js"
 * @import { Lane, Unreadable } from "./transfer.js"
 */

/** How often the server may ask for the same bytes again before the user is told. */
const MAX_RESTARTS = 3;

/** @type {ReadonlySet<string>} refusals that only ask for the bytes again */
const SEND_AGAIN = new Set([Code.CHECKSUM_MISMATCH, Code.BAD_CHUNK]);

/** The user or another tab took the file away from us. */
class Dropped extends Error {}

/**
 * @typedef {object} Parcel one file on its way
 * @property {string} id
 * @property {File} file
 * @property {Promise<string|null>|null} digest
 * @property {Transfer|null} transfer
 * @property {number} handle
 * @property {number} restarts
 * @property {boolean} dropped
 * @property {((reason: Error) => void)|null} cancelWait
 */

/**
 * @typedef {object} SenderDelegate
 * @property {() => string[]} sendingOrder all files of the draft, in order
 * @property {(file: string, bytes: number) => void} senderReceived the server has so many bytes
 * @property {(file: string, sending: boolean) => void} senderTurned
 * @property {(file: string) => void} senderDone the server has the whole file
 * @property {(file: string, error: Refused|Unreadable|Over) => void} senderFailed
 */

export class Sender {
  /** @type {Map<string, Parcel>} */
  #parcels = new Map();
  /** @type {Map<string, () => void>} parcels with a transfer, waiting for their turn */
  #waiting = new Map();
  /** @type {Set<string>} */
  #sending = new Set();
  /** @type {Lane|null} */
  #lane = null;
  #lost = new AbortController();
  #parallel = 1;
  #commands;
  #send;
  #delegate;

  /**
   * @param {Commands} commands
   * @param {(chunk: ArrayBuffer) => boolean} send
   * @param {SenderDelegate} delegate
   */
  constructor(commands, send, delegate) {
    this.#commands = commands;
    this.#send = send;
    this.#delegate = delegate;
  }

  /**
   * A new socket is ready.
   * @param {LimitsInfo} limits
   */
  resume(limits) {
    this.#parallel = limits.parallel_files;
    this.#lost = new AbortController();
    this.#lane = {
      credit: new Credit(limits.window_chunks),
      chunkBytes: limits.chunk_bytes,
      signal: this.#lost.signal,
      send: this.#send,
    };
  }

  /** The socket is gone. */
  pause() {
    const reason = new Disconnected();
    this.#lane = null;
    this.#lost.abort(reason);
    // A moment later, so that the files that were half sent ask first and go on first.
    setTimeout(() => {
      for (const parcel of this.#parcels.values()) parcel.cancelWait?.(reason);
    });
  }

  /**
   * Sends a file. The question is `add`, `resume` or `retry`; each is answered with a `transfer`, or
   * with `ok` when the server needs no bytes.
   * @param {string} id
   * @param {File} file
   * @param {{type: string, [field: string]: unknown}} question
   */
  carry(id, file, question) {
    if (this.#parcels.has(id)) return;
    const parcel = { id, file, digest: null, transfer: null, handle: 0, restarts: 0, dropped: false, cancelWait: null };
    this.#parcels.set(id, parcel);
    this.#deliver(parcel, question);
  }

  /**
   * @param {{handle: number, offset: number}} ack
   */
  acknowledged({ handle, offset }) {
    for (const parcel of this.#parcels.values()) {
      if (parcel.handle === handle) parcel.transfer?.acknowledge(offset);
    }
  }

  /**
   * A refusal of a chunk: it names the file but answers no command.
   * @param {string} id
   * @param {Refused} refused
   */
  refused(id, refused) {
    const parcel = this.#parcels.get(id);
    if (parcel) this.#halt(parcel, refused);
  }

  /**
   * The file is not ours to send any more.
   * @param {string} id
   * @param {Promise<unknown>} [settled] when the server has heard of it: only then are chunks on their way out of its books
   */
  drop(id, settled = Promise.resolve()) {
    const parcel = this.#parcels.get(id);
    if (!parcel) return;
    parcel.dropped = true;
    this.#parcels.delete(id);
    this.#halt(parcel, new Dropped());
    const { transfer } = parcel;
    settled.catch(() => {}).then(() => transfer?.release());
  }

  /**
   * @param {Parcel} parcel
   * @param {Error} reason
   */
  #halt(parcel, reason) {
    parcel.transfer?.stop(reason);
    parcel.cancelWait?.(reason);
  }

  /**
   * @param {Parcel} parcel
   * @param {any} question
   */
  async #deliver(parcel, question) {
    try {
      let answer = await this.#ask(parcel, question);
      while (answer.type === ServerType.TRANSFER) answer = await this.#attempt(parcel, answer);
      this.#finish(parcel, () => this.#delegate.senderDone(parcel.id));
    } catch (error) {
      this.#finish(parcel, () => this.#delegate.senderFailed(parcel.id, /** @type {any} */ (error)));
    }
  }

  /**
   * A question about a transfer means something only to the socket it was asked on; what to do on
   * the next one is the server's to say. Only `add` must arrive whatever happens.
   * @param {Parcel} parcel
   * @param {any} question
   * @returns {Promise<any>}
   */
  async #ask(parcel, question) {
    try {
      return await this.#commands.request(question, { once: question.type !== ClientType.ADD });
    } catch (error) {
      if (!this.#mayGoOn(parcel, error)) throw error;
      return this.#ask(parcel, { type: ClientType.RESUME, file: parcel.id, size: parcel.file.size });
    }
  }

  /**
   * One try to send the rest of a file.
   * @param {Parcel} parcel
   * @param {{handle: number, offset: number}} answer
   * @returns {Promise<any>} the server's answer to `finish`, or to `resume` when the try broke off
   */
  async #attempt(parcel, answer) {
    const resume = { type: ClientType.RESUME, file: parcel.id, size: parcel.file.size };
    try {
      if (parcel.dropped) throw new Dropped();
      await this.#bytes(parcel, answer);
    } catch (error) {
      if (!this.#mayGoOn(parcel, error)) throw error;
      return this.#ask(parcel, resume);
    }
    return this.#ask(parcel, { type: ClientType.FINISH, file: parcel.id, sha256: await parcel.digest });
  }

  /**
   * @param {Parcel} parcel
   * @param {{handle: number, offset: number}} answer
   */
  async #bytes(parcel, answer) {
    const lane = this.#lane;
    if (!lane) throw new Disconnected();
    this.#delegate.senderReceived(parcel.id, answer.offset);
    await this.#turn(parcel);
    parcel.handle = answer.handle;
    parcel.transfer = new Transfer(parcel.file, answer, lane, (bytes) =>
      this.#delegate.senderReceived(parcel.id, bytes),
    );
    try {
      parcel.digest ??= sha256(parcel.file);
      parcel.digest.catch(() => {}); // It is awaited, and its failure seen, only after the bytes.
      await parcel.transfer.run();
    } finally {
      // A dropped parcel keeps its credit until the server has heard of it.
      if (!parcel.dropped) parcel.transfer.release();
      parcel.transfer = null; // The next socket counts its handles anew.
      this.#sending.delete(parcel.id);
      this.#delegate.senderTurned(parcel.id, false);
      this.#nextTurns();
    }
  }

  /** @param {Parcel} parcel */
  async #turn(parcel) {
    const turn = new Promise((resolve, reject) => {
      this.#waiting.set(parcel.id, () => resolve(undefined));
      parcel.cancelWait = reject;
    });
    this.#nextTurns();
    try {
      await turn;
    } finally {
      parcel.cancelWait = null;
      this.#waiting.delete(parcel.id);
    }
  }

  #nextTurns() {
    if (!this.#lane) return;
    const turns = nextTurns({
      order: this.#delegate.sendingOrder(),
      waiting: new Set(this.#waiting.keys()),
      sending: this.#sending.size,
      parallel: this.#parallel,
    });
    for (const id of turns) {
      this.#sending.add(id);
      this.#delegate.senderTurned(id, true);
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    }
  }

  /**
   * @param {Parcel} parcel
   * @param {unknown} error
   */
  #mayGoOn(parcel, error) {
    if (parcel.dropped) return false;
    if (error instanceof Disconnected) return true;
    if (!(error instanceof Refused) || !SEND_AGAIN.has(error.code)) return false;
    parcel.restarts += 1;
    return parcel.restarts <= MAX_RESTARTS;
  }

  /**
   * @param {Parcel} parcel
   * @param {() => void} tell
   */
  #finish(parcel, tell) {
    if (parcel.dropped) return;
    this.#parcels.delete(parcel.id);
    tell();
  }
}
