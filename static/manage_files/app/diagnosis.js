// @ts-check
/**
 * Finds out what is wrong with the server, when this tab has no live connection for a while: to a browser a
 * misconfigured server and a network that blocks WebSockets look the same.
 */
import { ConnectionState } from "../transport/connection.js";

/** @import { LiveDraft } from "../client/live_draft.js" */

/** A restart takes less. */
const PATIENCE_MS = 6_000;
const AGAIN_MS = 20_000;
const TIMEOUT_MS = 8_000;
/** @type {Record<string, number>} by state of the connection: how long it lasts before it is worth asking */
const WAITS = { [ConnectionState.LIMITED]: 0, [ConnectionState.RECONNECTING]: PATIENCE_MS };

export class Diagnosis {
  /** What is wrong, by the server's word for it; empty: nothing is known to be. */
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
   * @param {string} http address of the draft; empty: nobody can be asked
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
    // A server that refuses each socket is connected to again and again: that is one trouble.
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
      // Nobody answers: then it is the network, as far as anybody can tell.
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
