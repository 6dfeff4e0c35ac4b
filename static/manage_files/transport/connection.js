// @ts-check
/**
 * The connection of this tab: opens it, keeps it open, and knows when to give up. The only module that uses
 * `WebSocket`. Where WebSockets are blocked, an HTTP socket takes over (*limited mode*) until one gets through.
 *
 * Only frames prove that a connection works. A browser reports a dead peer after minutes or never, so silence is probed
 * with a ping: soon if a response is due, later if none is. A server that hangs still accepts TCP, so connecting has
 * its own timeout.
 */
import { reconnectDelay } from "./backoff.js";
import { ClientType, CloseCode, SUBPROTOCOL } from "./protocol.js";
import { TransportChoice } from "./transport_choice.js";
import { WebSocketProbe } from "./websocket_probe.js";

/**
 * @import { HttpSocket } from "./http_socket.js"
 */

/** The values of the dialog's `data-connection`. */
export const ConnectionState = Object.freeze({
  CONNECTING: "connecting",
  LIVE: "live",
  LIMITED: "limited",
  RECONNECTING: "reconnecting",
  OFFLINE: "offline",
  SIGNED_OUT: "signed_out",
  NOT_ALLOWED: "not_allowed",
  NOT_FOUND: "not_found",
  OUTDATED: "outdated",
  COMMITTED: "committed",
  DISCARDED: "discarded",
  EXPIRED: "expired",
});

const NORMAL_CLOSE = 1000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Timeout for silence while no response is due. */
const SILENCE_MS = 20_000;
/** Timeout for silence while a response is due. */
const ANSWER_MS = 5_000;
const PONG_TIMEOUT_MS = 10_000;
/** Shorter after a wake-up, when the user may be looking at an unresponsive page. */
const PROBE_TIMEOUT_MS = 1_200;
/** A connection that lasted this long resets the backoff; one that breaks at once does not. */
const STABLE_MS = 5_000;
/** If the server closes this often because it cannot read a message, it does not speak this page's protocol. */
const MAX_BAD_PROTOCOL = 2;

/**
 * Close codes that are final by themselves. The end of a draft is a frame with its details; if only its close code
 * arrives, the next connection receives the frame again.
 * @type {Record<number, string>}
 */
const REFUSED = {
  [CloseCode.NOT_ALLOWED]: ConnectionState.NOT_ALLOWED,
  [CloseCode.NOT_FOUND]: ConnectionState.NOT_FOUND,
};
/** @type {ReadonlySet<string>} states that are final */
const FINAL = new Set([
  ...Object.values(REFUSED),
  ConnectionState.OUTDATED,
  ConnectionState.COMMITTED,
  ConnectionState.DISCARDED,
  ConnectionState.EXPIRED,
]);

/**
 * @typedef {object} ConnectionDelegate
 * @property {(frame: any) => void} connectionReceived a text frame, parsed
 * @property {(state: string) => void} connectionChanged
 */

export class Connection {
  /** @type {any} a `WebSocket` or an `HttpSocket` */
  #socket = null;
  /** @type {WebSocketProbe|null} the probe that ends limited mode, once it has been entered */
  #webSocketProbe = null;
  /** @type {string} */
  #state = ConnectionState.CONNECTING;
  #started = false;
  #tries = 0;
  #cookieTried = false;
  #badProtocol = 0;
  #liveSince = 0;
  #connectingSince = 0;
  /** Whether the current socket has received a frame. */
  #heard = false;
  /** Whether something was sent since the last frame arrived. */
  #asked = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} the next attempt */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout>|undefined} the deadline of the current wait */
  #watchTimer;
  #url;
  #delegate;
  #WebSocket;
  #page;
  #openHttp;
  #transport = new TransportChoice();

  /**
   * @param {string} url
   * @param {ConnectionDelegate} delegate
   * @param {object} [environment]
   * @param {typeof globalThis.WebSocket} [environment.WebSocket]
   * @param {any} [environment.page] the window, for its wake-up events
   * @param {(() => HttpSocket)|null} [environment.openHttp] opens a connection over HTTP; null: use WebSockets only
   */
  constructor(url, delegate, { WebSocket = globalThis.WebSocket, page = globalThis.window, openHttp = null } = {}) {
    this.#url = url;
    this.#delegate = delegate;
    this.#WebSocket = WebSocket;
    this.#page = page;
    this.#openHttp = openHttp;
  }

  get state() {
    return this.#state;
  }

  /** Whether messages reach the server now, over either transport. */
  get isUp() {
    return this.#state === ConnectionState.LIVE || this.#state === ConnectionState.LIMITED;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#page.addEventListener("online", this.#wake);
    this.#page.addEventListener("offline", this.#wake);
    this.#page.addEventListener("pageshow", this.#wake);
    this.#page.addEventListener("focus", this.#focused);
    this.#page.addEventListener("pagehide", this.#leave);
    this.#page.document.addEventListener("visibilitychange", this.#wake);
    this.#page.document.addEventListener("resume", this.#wake);
    this.#connect();
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    this.#page.removeEventListener("online", this.#wake);
    this.#page.removeEventListener("offline", this.#wake);
    this.#page.removeEventListener("pageshow", this.#wake);
    this.#page.removeEventListener("focus", this.#focused);
    this.#page.removeEventListener("pagehide", this.#leave);
    this.#page.document.removeEventListener("visibilitychange", this.#wake);
    this.#page.document.removeEventListener("resume", this.#wake);
    this.#drop();
  }

  /**
   * Sends a message or a chunk; false when there is no open socket.
   * @param {object|ArrayBuffer} message
   */
  send(message) {
    if (this.#socket?.readyState !== this.#WebSocket.OPEN) return false;
    this.#socket.send(message instanceof ArrayBuffer ? message : JSON.stringify(message));
    if (!this.#asked) this.#awaitAnswer();
    return true;
  }

  /** Marks the connection as working: called at the first snapshot of a socket, which shows that it was admitted. */
  markEstablished() {
    this.#cookieTried = false;
    this.#liveSince = Date.now();
    this.#become(this.#transport.isLimited ? ConnectionState.LIMITED : ConnectionState.LIVE);
    if (!this.#transport.isLimited || !this.#openHttp) return;
    this.#webSocketProbe ??= new WebSocketProbe(
      () => this.#webSocket(),
      (socket, data) => this.#adopt(socket, data),
    );
    this.#webSocketProbe.start();
  }

  /** Connects now instead of waiting for the next attempt. */
  tryNow() {
    if (this.isFinal) return;
    this.#drop();
    this.#connect();
  }

  /**
   * Stops reconnecting, because the draft has ended.
   * @param {string} state
   */
  finish(state) {
    this.#drop();
    this.#become(state);
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    // The next socket starts afresh: pending commands and uploads of the last one are sent again.
    if (this.isUp) this.#become(this.#troubled());
    this.#heard = false;
    this.#connectingSince = Date.now();
    this.#socket = this.#transport.usesHttp && this.#openHttp ? this.#openHttp() : this.#webSocket();
    this.#listen(this.#socket);
    this.#watch(CONNECT_TIMEOUT_MS, () => this.#lost());
  }

  #webSocket() {
    const socket = new this.#WebSocket(this.#url, SUBPROTOCOL);
    socket.binaryType = "arraybuffer";
    return socket;
  }

  /** @param {any} socket */
  #listen(socket) {
    // A dropped socket may still fire events; only the current one matters.
    const current = (/** @type {(event: any) => void} */ listener) => (/** @type {any} */ event) => {
      if (socket === this.#socket) listener(event);
    };
    socket.addEventListener(
      "open",
      current(() => this.#awaitAnswer()),
    );
    socket.addEventListener(
      "message",
      current((event) => this.#receive(event.data)),
    );
    socket.addEventListener(
      "close",
      current((event) => this.#closed(event.code)),
    );
  }

  /** @param {string} data */
  #receive(data) {
    if (!this.#heard && this.#switchesTransport()) return;
    this.#awaitFrames();
    this.#delegate.connectionReceived(JSON.parse(data));
  }

  /** Handles the first frame, which may only prove that the server can be reached over HTTP. */
  #switchesTransport() {
    this.#heard = true;
    if (!this.#transport.answered()) return false;
    this.tryNow();
    return true;
  }

  #awaitFrames() {
    this.#asked = false;
    this.#watch(SILENCE_MS, () => this.#probe(PONG_TIMEOUT_MS));
  }

  /** Expects a frame: each message has a response, and each new socket receives a snapshot. */
  #awaitAnswer() {
    this.#asked = true;
    this.#watch(ANSWER_MS, () => this.#probe(PONG_TIMEOUT_MS));
  }

  /** @param {number} timeout milliseconds */
  #probe(timeout) {
    this.#asked = true;
    this.send({ type: ClientType.PING });
    this.#expect(timeout);
  }

  /**
   * Waits for any frame. On a slow line the pong queues behind our own chunks, so a shrinking buffer is a sign of life;
   * an empty one proves nothing.
   * @param {number} timeout milliseconds
   */
  #expect(timeout) {
    const before = this.#socket?.bufferedAmount ?? 0;
    this.#watch(timeout, () => {
      const now = this.#socket?.bufferedAmount ?? 0;
      if (now > 0 && now < before) this.#expect(timeout);
      else this.#lost();
    });
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    if (code in REFUSED) this.#become(REFUSED[code]);
    else if (code === CloseCode.SIGNED_OUT) this.#signedOut();
    else if (code === CloseCode.BAD_PROTOCOL && ++this.#badProtocol >= MAX_BAD_PROTOCOL)
      this.#become(ConnectionState.OUTDATED);
    else this.#lost();
  }

  #signedOut() {
    // The session may have been renewed in another tab: try the current cookie once.
    if (this.#cookieTried) {
      this.#become(ConnectionState.SIGNED_OUT);
    } else {
      this.#cookieTried = true;
      this.#connect();
    }
  }

  #lost() {
    this.#drop();
    // Without a network, a failure does not mean that WebSockets are blocked.
    if (!this.#heard && this.#page.navigator.onLine !== false) this.#transport.failed(this.#openHttp !== null);
    if (this.#transport.isLimited && !this.#heard) this.#tries = 0;
    if (this.#liveSince && Date.now() - this.#liveSince > STABLE_MS) this.#tries = 0;
    this.#liveSince = 0;
    if (this.#state !== ConnectionState.SIGNED_OUT) this.#become(this.#troubled());
    this.#retryTimer = setTimeout(() => this.#connect(), reconnectDelay(this.#tries));
    this.#tries += 1;
  }

  #troubled() {
    return this.#page.navigator.onLine === false ? ConnectionState.OFFLINE : ConnectionState.RECONNECTING;
  }

  /**
   * Checks the connection at once after the environment changed (network, sleep, another tab), not at the next timer.
   */
  #wake = () => {
    if (!this.#started || this.isFinal || this.#page.document.visibilityState === "hidden") return;
    const connecting = this.#socket?.readyState === this.#WebSocket.CONNECTING;
    if (this.#state === ConnectionState.LIVE && this.#socket) this.#probe(PROBE_TIMEOUT_MS);
    else if (this.#state === ConnectionState.LIMITED && this.#socket) this.#probeBoth();
    // An attempt that has been waiting may date from before a sleep, or from another network.
    else if (!connecting || Date.now() - this.#connectingSince > PROBE_TIMEOUT_MS) this.tryNow();
  };

  /**
   * Checks the connection when the user returns from another window, where they may have signed in; a page side by side
   * with it was visible all along.
   */
  #focused = () => {
    if (this.#state !== ConnectionState.LIVE) this.#wake();
  };

  /** Closes cleanly, so that the short grace starts at once; a page restored from the cache reconnects. */
  #leave = () => {
    this.#drop();
    if (!this.isFinal) this.#become(ConnectionState.RECONNECTING);
  };

  // Limited mode ----------------------------------------------------------------------------------

  #probeBoth() {
    this.send({ type: ClientType.PING });
    this.#webSocketProbe?.tryNow();
  }

  /**
   * @param {WebSocket} socket
   * @param {string} data its first frame
   */
  #adopt(socket, data) {
    this.#drop();
    this.#transport.opened();
    // What is pending over HTTP is sent again: commands and uploads move over as after any reconnect.
    this.#become(ConnectionState.RECONNECTING);
    this.#socket = socket;
    this.#heard = true;
    this.#listen(socket);
    this.#receive(data);
  }

  // -----------------------------------------------------------------------------------------------

  #drop() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#watchTimer);
    this.#webSocketProbe?.stop();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(NORMAL_CLOSE);
  }

  /** Whether reconnecting is pointless. */
  get isFinal() {
    return FINAL.has(this.#state);
  }

  /** @param {string} state */
  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#delegate.connectionChanged(state);
  }

  /**
   * @param {number} timeout milliseconds
   * @param {() => void} then
   */
  #watch(timeout, then) {
    clearTimeout(this.#watchTimer);
    this.#watchTimer = setTimeout(then, timeout);
  }
}
