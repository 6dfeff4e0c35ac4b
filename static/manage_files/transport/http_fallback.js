// @ts-check
/**
 * The way over HTTP. Few networks need it, so its parts are fetched when a handshake has failed: who can fetch them
 * can use them.
 */

/** @typedef {{socket: typeof import("./http_socket.js").HttpSocket, upgrade: typeof import("./websocket_probe.js").Upgrade}} Parts */

export class OverHttp {
  /** @type {Parts|null} */
  #parts = null;
  /** @type {Promise<void>|null} */
  #coming = null;
  #url;
  #token;

  /**
   * @param {string} url of the draft over HTTP
   * @param {() => string} token the CSRF token as it is now
   */
  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  /** Whether this way can be tried. */
  get isReady() {
    return this.#parts !== null;
  }

  /** Fetches what is needed, unless it is there or on its way. */
  prepare() {
    this.#coming ??= this.#fetch().catch(() => void (this.#coming = null));
  }

  /** What stands in for a `WebSocket`; only when ready. */
  socket() {
    const { socket: HttpSocket } = /** @type {Parts} */ (this.#parts);
    return new HttpSocket(this.#url, this.#token);
  }

  /**
   * The way back; only when ready.
   * @param {() => WebSocket} open
   * @param {(socket: WebSocket, data: string) => void} onFrame
   */
  upgrade(open, onFrame) {
    const { upgrade: Upgrade } = /** @type {Parts} */ (this.#parts);
    return new Upgrade(open, onFrame);
  }

  async #fetch() {
    const [{ HttpSocket }, { Upgrade }] = await Promise.all([import("./http_socket.js"), import("./websocket_probe.js")]);
    this.#parts = { socket: HttpSocket, upgrade: Upgrade };
  }
}
