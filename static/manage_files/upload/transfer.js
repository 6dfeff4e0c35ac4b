// @ts-check
/**
 * Transfers the bytes of one file over one socket: in chunks, within the socket's credit, until all are acknowledged.
 */
import { CHUNK_HEADER_BYTES } from "../transport/protocol.js";

/** @import { FlowControl } from "./flow_control.js" */

/** The file can no longer be read from the disk (moved, deleted or changed since it was chosen). */
export class UnreadableFileError extends Error {}

/**
 * What a socket provides to all transfers; a new socket provides a new one.
 * @typedef {object} ConnectionSlot
 * @property {FlowControl} flowControl
 * @property {AbortSignal} signal aborted when the socket is gone
 * @property {(chunk: ArrayBuffer) => boolean} send
 * @property {number} chunkBytes
 */

export class Transfer {
  #blob;
  #handle;
  #slot;
  #onReceived;
  #next;
  #acked;
  #abort = new AbortController();
  /** @type {PromiseWithResolvers<void>} */
  #done = withResolvers();

  /**
   * @param {Blob} blob
   * @param {{handle: number, offset: number}} answer the server's `transfer`
   * @param {ConnectionSlot} slot
   * @param {(bytes: number) => void} onReceived called with the bytes the server has
   */
  constructor(blob, { handle, offset }, slot, onReceived) {
    this.#blob = blob;
    this.#handle = handle;
    this.#next = offset;
    this.#acked = offset;
    this.#slot = slot;
    this.#onReceived = onReceived;
  }

  /** Sends all bytes; resolves when the server has received them. */
  async run() {
    const signal = AbortSignal.any([this.#abort.signal, this.#slot.signal]);
    signal.addEventListener("abort", () => this.#done.reject(signal.reason), { once: true });
    this.#done.promise.catch(() => {}); // the loop below may throw the same reason first
    while (this.#next < this.#blob.size) {
      const end = Math.min(this.#next + this.#slot.chunkBytes, this.#blob.size);
      const chunk = await this.#read(this.#next, end);
      await this.#slot.flowControl.acquire(signal);
      this.#slot.send(chunk);
      this.#next = end;
    }
    if (this.#acked >= this.#blob.size) this.#done.resolve();
    await this.#done.promise;
  }

  /**
   * Records that the server has all bytes below `offset`.
   * @param {number} offset
   */
  acknowledge(offset) {
    const chunks = this.#inFlight(this.#acked) - this.#inFlight(offset);
    this.#acked = offset;
    this.#slot.flowControl.release(chunks);
    this.#onReceived(offset);
    if (offset >= this.#blob.size) this.#done.resolve();
  }

  /** @param {Error} reason */
  stop(reason) {
    this.#abort.abort(reason);
  }

  /** Returns the credit of chunks that will never be acknowledged. */
  release() {
    this.#slot.flowControl.release(this.#inFlight(this.#acked));
    this.#acked = this.#next;
  }

  /** @param {number} from chunks sent from this offset on */
  #inFlight(from) {
    return Math.ceil(Math.max(0, this.#next - from) / this.#slot.chunkBytes);
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  async #read(start, end) {
    const frame = new Uint8Array(CHUNK_HEADER_BYTES + end - start);
    const header = new DataView(frame.buffer);
    header.setUint32(0, this.#handle);
    header.setBigUint64(4, BigInt(start));
    frame.set(new Uint8Array(await readable(this.#blob.slice(start, end))), CHUNK_HEADER_BYTES);
    return frame.buffer;
  }
}

/**
 * @param {Blob} blob
 * @returns {Promise<ArrayBuffer>} its bytes; rejects with `UnreadableFileError`
 */
export async function readable(blob) {
  try {
    return await blob.arrayBuffer();
  } catch (error) {
    throw new UnreadableFileError("The file can no longer be read.", { cause: error });
  }
}

/** @returns {PromiseWithResolvers<void>} */
function withResolvers() {
  /** @type {any} */
  const resolvers = {};
  resolvers.promise = new Promise((resolve, reject) => Object.assign(resolvers, { resolve, reject }));
  return resolvers;
}
