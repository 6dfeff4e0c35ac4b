// @ts-check
/**
 * Asks the server what is wrong when this tab has had no live connection for a while. To a browser, a misconfigured
 * server and a network that blocks WebSockets look the same.
 */
import { ConnectionState } from "../transport/connection.js";

/** @import { LiveDraft } from "../client/live_draft.js" */

/** A restart takes less time. */
const PATIENCE_MS = 6_000;
const AGAIN_MS = 20_000;
const TIMEOUT_MS = 8_000;
/** @type {Record<string, number>} by state of the connection: how long to wait before asking */
const WAITS = { [ConnectionState.LIMITED]: 0, [ConnectionState.RECONNECTING]: PATIENCE_MS };

export class Diagnosis {
  /** The problem, in the server's terms; empty if none is known. */
  problem = "";
  #live;
  #address;
  #onChange;
  #state = "";
  #started = false;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #timer;

  /**
   * @param {LiveDraft} live
   * @param {string} http URL of the draft; empty if there is none to ask
   * @param {() => void} onChange
   */
  constructor(live, http, onChange) {
    this.#live = live;
    this.#address = http && `${http}diagnosis/`;
    this.#onChange = onChange;
  }

  start() {
    if (!this.#address) return;
    this.#started = true;
    this.#live.addEventListener("change", this.#changed);
  }

  stop() {
    this.#started = false;
    clearTimeout(this.#timer);
    this.#live.removeEventListener("change", this.#changed);
  }

  #changed = () => {
    const state = this.#live.connection;
    if (state === this.#state) return;
    // Repeated attempts that the server refuses are one problem.
    if (!(state in WAITS)) this.#become("");
    this.#state = state;
    clearTimeout(this.#timer);
    if (state in WAITS) this.#timer = setTimeout(() => this.#ask(), WAITS[state]);
  };

  async #ask() {
    const query = new URLSearchParams({ origin: location.origin });
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    /** @type {{problem?: string}} */
    const asked = await fetch(`${this.#address}?${query}`, { signal })
      .then((response) => (response.ok ? response.json() : {}))
      // No response: the network is the likely cause.
      .catch(() => ({}));
    if (!this.#started || !(this.#live.connection in WAITS)) return;
    this.#become(asked.problem ?? "");
    this.#timer = setTimeout(() => this.#ask(), AGAIN_MS);
  }

  /** @param {string} problem */
  #become(problem) {
    if (problem === this.problem) return;
    this.problem = problem;
    this.#onChange();
  }
}
