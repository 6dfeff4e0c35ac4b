// @ts-check
/**
 * Uploads the files this tab holds. All are announced at once, so that each has its position in every tab; their bytes
 * take turns. After a lost connection an upload resumes at the offset the server has reached.
 */
import { ClientType, Code, ServerType } from "../transport/protocol.js";
import { DisconnectedError, RefusedError } from "../transport/requests.js";
import { FlowControl } from "./flow_control.js";
import { sha256 } from "./sha256.js";
import { Transfer } from "./transfer.js";

/**
 * @import { DraftEndedError, Requests } from "../transport/requests.js"
 * @import { LimitsInfo } from "../transport/protocol.js"
 * @import { ConnectionSlot, UnreadableFileError } from "./transfer.js"
 */

/** How often the server may ask for the same bytes again before the user is notified. */
const MAX_RESTARTS = 3;

/** @type {ReadonlySet<string>} refusals that only ask for the bytes again */
const SEND_AGAIN = new Set([Code.CHECKSUM_MISMATCH, Code.BAD_CHUNK]);

/** The user removed the file, or another tab took it over. */
class Cancelled extends Error {}

/**
 * @typedef {object} Upload the upload of one file
 * @property {string} id
 * @property {File} file
 * @property {Promise<string>|null} digest
 * @property {Transfer|null} transfer
 * @property {number} handle
 * @property {number} restarts
 * @property {boolean} isCancelled
 * @property {((reason: Error) => void)|null} cancelWait
 */

/**
 * @typedef {object} UploaderDelegate
 * @property {() => string[]} uploadOrder all files of the draft, in order
 * @property {(file: string, bytes: number) => void} uploadProgressed the server has this many bytes
 * @property {(file: string, sending: boolean) => void} uploadTurnChanged
 * @property {(file: string) => void} uploadDone the server has the whole file
 * @property {(file: string, error: RefusedError|UnreadableFileError|DraftEndedError) => void} uploadFailed
 */

export class Uploader {
  /** @type {Map<string, Upload>} */
  #uploads = new Map();
  /** @type {Map<string, () => void>} uploads with a transfer that wait their turn */
  #waiting = new Map();
  /** @type {Set<string>} */
  #sending = new Set();
  /** @type {ConnectionSlot|null} */
  #slot = null;
  #lost = new AbortController();
  #parallel = 1;
  #requests;
  #send;
  #delegate;

  /**
   * @param {Requests} requests
   * @param {(chunk: ArrayBuffer) => boolean} send
   * @param {UploaderDelegate} delegate
   */
  constructor(requests, send, delegate) {
    this.#requests = requests;
    this.#send = send;
    this.#delegate = delegate;
  }

  /**
   * Continues on a new socket.
   * @param {LimitsInfo} limits
   */
  resume(limits) {
    this.#parallel = limits.parallel_files;
    this.#lost = new AbortController();
    this.#slot = {
      flowControl: new FlowControl(limits.window_chunks),
      chunkBytes: limits.chunk_bytes,
      signal: this.#lost.signal,
      send: this.#send,
    };
  }

  /** Pauses, because the socket is gone. */
  pause() {
    const reason = new DisconnectedError();
    this.#slot = null;
    this.#lost.abort(reason);
    // Delayed, so that interrupted files resume first.
    setTimeout(() => {
      for (const upload of this.#uploads.values()) upload.cancelWait?.(reason);
    });
  }

  /**
   * Sends a file. The command is `add`, `resume` or `retry`; the response is a `transfer`, or `ok` if the server needs
   * no bytes.
   * @param {string} id
   * @param {File} file
   * @param {{type: string, [field: string]: unknown}} command
   */
  upload(id, file, command) {
    if (this.#uploads.has(id)) return;
    const upload = {
      id,
      file,
      digest: null,
      transfer: null,
      handle: 0,
      restarts: 0,
      isCancelled: false,
      cancelWait: null,
    };
    this.#uploads.set(id, upload);
    this.#run(upload, command);
  }

  /**
   * @param {{handle: number, offset: number}} ack
   */
  acknowledged({ handle, offset }) {
    for (const upload of this.#uploads.values()) {
      if (upload.handle === handle) upload.transfer?.acknowledge(offset);
    }
  }

  /**
   * Handles the refusal of a chunk, which names the file but no command.
   * @param {string} id
   * @param {RefusedError} refused
   */
  refused(id, refused) {
    const upload = this.#uploads.get(id);
    if (upload) this.#halt(upload, refused);
  }

  /**
   * Stops sending a file that is no longer ours to send.
   * @param {string} id
   * @param {Promise<unknown>} [settled] resolves when the server knows; until then it counts chunks in flight
   */
  cancel(id, settled = Promise.resolve()) {
    const upload = this.#uploads.get(id);
    if (!upload) return;
    upload.isCancelled = true;
    this.#uploads.delete(id);
    this.#halt(upload, new Cancelled());
    const { transfer } = upload;
    settled.catch(() => {}).then(() => transfer?.release());
  }

  /**
   * @param {Upload} upload
   * @param {Error} reason
   */
  #halt(upload, reason) {
    upload.transfer?.stop(reason);
    upload.cancelWait?.(reason);
  }

  /**
   * @param {Upload} upload
   * @param {any} command
   */
  async #run(upload, command) {
    try {
      let answer = await this.#request(upload, command);
      while (answer.type === ServerType.TRANSFER) answer = await this.#attempt(upload, answer);
      this.#settle(upload, () => this.#delegate.uploadDone(upload.id));
    } catch (error) {
      this.#settle(upload, () => this.#delegate.uploadFailed(upload.id, /** @type {any} */ (error)));
    }
  }

  /**
   * Commands about a transfer are meaningful only on the socket they were sent on; the server decides how the next one
   * continues. Only `add` must always arrive.
   * @param {Upload} upload
   * @param {any} command
   * @returns {Promise<any>}
   */
  async #request(upload, command) {
    try {
      return await this.#requests.request(command, { once: command.type !== ClientType.ADD });
    } catch (error) {
      if (!this.#mayContinue(upload, error)) throw error;
      return this.#request(upload, { type: ClientType.RESUME, file: upload.id, size: upload.file.size });
    }
  }

  /**
   * Makes one attempt to send the rest of a file.
   * @param {Upload} upload
   * @param {{handle: number, offset: number}} answer
   * @returns {Promise<any>} the response to `finish`, or to `resume` if the attempt was cut short
   */
  async #attempt(upload, answer) {
    const resume = { type: ClientType.RESUME, file: upload.id, size: upload.file.size };
    try {
      if (upload.isCancelled) throw new Cancelled();
      await this.#sendBytes(upload, answer);
    } catch (error) {
      if (!this.#mayContinue(upload, error)) throw error;
      return this.#request(upload, resume);
    }
    return this.#request(upload, { type: ClientType.FINISH, file: upload.id, sha256: await upload.digest });
  }

  /**
   * @param {Upload} upload
   * @param {{handle: number, offset: number}} answer
   */
  async #sendBytes(upload, answer) {
    const slot = this.#slot;
    if (!slot) throw new DisconnectedError();
    this.#delegate.uploadProgressed(upload.id, answer.offset);
    await this.#waitForTurn(upload);
    upload.handle = answer.handle;
    upload.transfer = new Transfer(upload.file, answer, slot, (bytes) =>
      this.#delegate.uploadProgressed(upload.id, bytes),
    );
    try {
      upload.digest ??= sha256(upload.file);
      upload.digest.catch(() => {}); // awaited, and its failure handled, only after the bytes
      await upload.transfer.run();
    } finally {
      // A cancelled upload keeps its credit until the server knows.
      if (!upload.isCancelled) upload.transfer.release();
      upload.transfer = null; // the next socket numbers its handles anew
      this.#sending.delete(upload.id);
      this.#delegate.uploadTurnChanged(upload.id, false);
      this.#startNext();
    }
  }

  /** @param {Upload} upload */
  async #waitForTurn(upload) {
    const turn = new Promise((resolve, reject) => {
      this.#waiting.set(upload.id, () => resolve(undefined));
      upload.cancelWait = reject;
    });
    this.#startNext();
    try {
      await turn;
    } finally {
      upload.cancelWait = null;
      this.#waiting.delete(upload.id);
    }
  }

  #startNext() {
    if (!this.#slot) return;
    const turns = nextTurns({
      order: this.#delegate.uploadOrder(),
      waiting: new Set(this.#waiting.keys()),
      sending: this.#sending.size,
      parallel: this.#parallel,
    });
    for (const id of turns) {
      this.#sending.add(id);
      this.#delegate.uploadTurnChanged(id, true);
      this.#waiting.get(id)?.();
      this.#waiting.delete(id);
    }
  }

  /**
   * @param {Upload} upload
   * @param {unknown} error
   */
  #mayContinue(upload, error) {
    if (upload.isCancelled) return false;
    if (error instanceof DisconnectedError) return true;
    if (!(error instanceof RefusedError) || !SEND_AGAIN.has(error.code)) return false;
    upload.restarts += 1;
    return upload.restarts <= MAX_RESTARTS;
  }

  /**
   * @param {Upload} upload
   * @param {() => void} tell
   */
  #settle(upload, tell) {
    if (upload.isCancelled) return;
    this.#uploads.delete(upload.id);
    tell();
  }
}

/**
 * Returns the files that may send their bytes next, in list order, so that the first images are stored first.
 * @param {object} queue
 * @param {string[]} queue.order all files of the draft, in order
 * @param {ReadonlySet<string>} queue.waiting files of this tab that are ready to send
 * @param {number} queue.sending how many are sending now
 * @param {number} queue.parallel how many may send at once
 * @returns {string[]} the files whose turn it is
 */
export function nextTurns({ order, waiting, sending, parallel }) {
  const room = Math.max(0, parallel - sending);
  const ordered = order.filter((file) => waiting.has(file));
  return ordered.slice(0, room);
}
