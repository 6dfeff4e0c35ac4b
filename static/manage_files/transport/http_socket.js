// @ts-check
/**
 * Replaces a `WebSocket` where WebSockets are blocked: the same messages, each in its own request. What a server would
 * push is polled: soon after each command, then less and less often. Requests of one kind run one after the other, so
 * that changes arrive in the order the user made them.
 */
import { newFileId } from "./ids.js";
import { CHUNK_HEADER_BYTES, ClientType, ServerType } from "./protocol.js";

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 3;
/** A request failed, or something answered that does not speak the protocol. */
const LOST = 1006;
const SOON_MS = 250;
const VISIBLE_MS = 5_000;
/** Browsers extend this to a minute in hidden tabs; the server keeps the draft for three minutes after each request. */
const HIDDEN_MS = 30_000;
/** Browsers refuse keepalive requests of more than 64 kB in total. */
const KEEPALIVE_BYTES = 30_000;

/** Parts that take longer are sent one by one: on a slow line, progress matters more than saved round trips. */
const SLOW_MS = 500;

/** @type {ReadonlySet<string>} */
const TEXT = new Set([ClientType.EDIT, ClientType.NOTE]);

/** @typedef {{busy: boolean, slow: boolean, waiting: any[]}} RequestQueue requests that go one after the other */

/** @typedef {{handle?: number, op?: string}} Asked the transfer a request is about, or the command it carries */

export class HttpSocket extends EventTarget {
  readyState = CONNECTING;
  #url;
  #token;
  #fetch;
  #document;
  #abort = new AbortController();
  #tab = newFileId();
  #revision = 0;
  /** @type {Map<number, {file: string, epoch: number}>} the transfers, by the handles given to this tab */
  #transfers = new Map();
  /** @type {Map<string|number, RequestQueue>} by kind of message, or by handle of a transfer */
  #queues = new Map();
  #polling = false;
  #pause = SOON_MS;
  /** @type {ReturnType<typeof setTimeout>|undefined} the next poll */
  #timer;

  /**
   * @param {string} url of the draft
   * @param {() => string} token returns the current CSRF token
   * @param {object} [environment]
   * @param {typeof globalThis.fetch} [environment.fetch]
   * @param {{visibilityState: string}} [environment.document]
   */
  constructor(url, token, { fetch = (...args) => globalThis.fetch(...args), document = globalThis.document } = {}) {
    super();
    this.#url = url;
    this.#token = token;
    this.#fetch = fetch;
    this.#document = document;
    this.#poll();
  }

  /**
   * @param {string|ArrayBuffer} data a message or a chunk, as for a WebSocket
   */
  send(data) {
    if (data instanceof ArrayBuffer) return this.#sendChunk(data);
    const { type } = JSON.parse(data);
    if (type === ClientType.PING) return this.#poll();
    // The form's text does not queue, because it may be the last message of the page.
    this.#enqueue(TEXT.has(type) ? "text" : "commands", data, (queue) => this.#sendCommand(queue));
  }

  /** Closes without a message, like a dead connection; a command in flight may still arrive. */
  close() {
    this.readyState = CLOSED;
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  // Requests --------------------------------------------------------------------------------------

  async #poll() {
    clearTimeout(this.#timer);
    if (this.#polling) return;
    this.#polling = true;
    const isThere = await this.#request("", { signal: this.#abort.signal }, { revision: String(this.#revision) });
    this.#polling = false;
    if (!isThere) return;
    this.#emit({ type: ServerType.PONG });
    this.#pollIn(Math.min(this.#pause, this.#document.visibilityState === "hidden" ? HIDDEN_MS : VISIBLE_MS));
    this.#pause = Math.min(this.#pause * 2, HIDDEN_MS);
  }

  /** @param {number} pause milliseconds */
  #pollIn(pause) {
    clearTimeout(this.#timer);
    if (this.readyState === OPEN) this.#timer = setTimeout(() => this.#poll(), pause);
  }

  /** @param {RequestQueue} queue */
  async #sendCommand(queue) {
    const body = queue.waiting.shift();
    const { size } = new Blob([body]);
    const isThere = await this.#post("", "application/json", body, size < KEEPALIVE_BYTES, { op: JSON.parse(body).op });
    this.#pause = SOON_MS;
    if (isThere && !this.#polling) this.#pollIn(SOON_MS);
  }

  /** @param {ArrayBuffer} chunk */
  #sendChunk(chunk) {
    const header = new DataView(chunk);
    const handle = header.getUint32(0);
    const part = { offset: Number(header.getBigUint64(4)), bytes: new Uint8Array(chunk, CHUNK_HEADER_BYTES) };
    // As on the server: a chunk of a transfer that has ended is dropped, and nothing is lost.
    if (!this.#transfers.has(handle)) return;
    this.#enqueue(handle, part, (queue) => this.#sendParts(handle, queue));
  }

  /**
   * Sends the waiting parts, in one request unless the line is slow: they are contiguous, and together within the credit.
   * @param {number} handle
   * @param {RequestQueue} queue
   */
  async #sendParts(handle, queue) {
    const started = Date.now();
    const parts = queue.waiting.splice(0, queue.slow ? 1 : queue.waiting.length);
    const { file, epoch } = /** @type {{file: string, epoch: number}} */ (this.#transfers.get(handle));
    const bytes = new Blob(parts.map((part) => part.bytes));
    await this.#post(`${file}/${epoch}/${parts[0].offset}/`, "application/octet-stream", bytes, false, { handle });
    queue.slow = Date.now() - started > SLOW_MS * parts.length;
  }

  /**
   * @param {string} path
   * @param {string} type
   * @param {BodyInit} body
   * @param {boolean} keepalive whether the request outlives the page and this socket
   * @param {Asked} asked
   */
  #post(path, type, body, keepalive, asked) {
    const headers = { "Content-Type": type, "X-CSRFToken": this.#token() };
    const signal = keepalive ? null : this.#abort.signal;
    return this.#request(path, { method: "POST", headers, body, keepalive, signal }, {}, asked);
  }

  /**
   * @param {string} path
   * @param {RequestInit} init
   * @param {Record<string, string>} query
   * @param {Asked} [asked]
   * @returns {Promise<boolean>} whether there was a response and the connection still works
   */
  async #request(path, init, query, asked = {}) {
    const address = `${this.#url}${path}?${new URLSearchParams({ tab: this.#tab, ...query })}`;
    let answer;
    try {
      const response = await this.#fetch(address, { ...init, cache: "no-store", credentials: "same-origin" });
      answer = response.status === 204 ? { messages: [], close: null } : await response.json();
    } catch {
      answer = null;
    }
    if (this.readyState === CLOSED) return false;
    if (!Array.isArray(answer?.messages)) this.#end(LOST);
    else this.#receive(answer, asked);
    return this.readyState === OPEN;
  }

  /**
   * Sends something through its queue, once what was sent before it has been answered.
   * @param {string|number} key
   * @param {any} what
   * @param {(queue: RequestQueue) => Promise<void>} send takes all or part of what waits in the queue
   */
  async #enqueue(key, what, send) {
    const queue = this.#queues.get(key) ?? { busy: false, slow: false, waiting: [] };
    this.#queues.set(key, queue);
    queue.waiting.push(what);
    if (queue.busy) return;
    queue.busy = true;
    while (queue.waiting.length > 0 && this.readyState === OPEN) await send(queue);
    queue.busy = false;
    this.#queues.delete(key);
  }

  // Responses ---------------------------------------------------------------------------------------

  /**
   * @param {{messages: any[], close: number|null}} answer
   * @param {Asked} asked
   */
  #receive({ messages, close }, asked) {
    if (this.readyState === CONNECTING) {
      this.readyState = OPEN;
      this.dispatchEvent(new Event("open"));
    }
    for (const message of messages) this.#emit(this.#localized(message, asked));
    if (close !== null) this.#end(close);
  }

  /**
   * Maps transfers to handles: the server identifies them by file and epoch, this tab by handle, as on a socket.
   * @param {any} message
   * @param {Asked} asked
   */
  #localized(message, { handle, op }) {
    switch (message.type) {
      case ServerType.SNAPSHOT:
        this.#revision = Math.max(this.#revision, message.revision);
        return message;
      case ServerType.TRANSFER: {
        const given = this.#transfers.size + 1;
        this.#transfers.set(given, { file: message.file, epoch: message.handle });
        return { ...message, handle: given };
      }
      case ServerType.ACK:
        return { ...message, handle };
      case ServerType.ERROR:
        // A server that cannot read a message may not know which command it was; this tab does.
        return { ...message, op: message.op ?? op ?? null };
      default:
        return message;
    }
  }

  /** @param {object} message */
  #emit(message) {
    if (this.readyState !== OPEN) return;
    this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(message) }));
  }

  /** @param {number} code */
  #end(code) {
    this.close();
    this.dispatchEvent(Object.assign(new Event("close"), { code }));
  }
}
