// @ts-check
/**
 * Makes the browser ask before it leaves the page, in the one case where leaving loses something: bytes that exist only
 * in this tab, because the browser could not cache them (docs/decisions/0020).
 */

/** @import { LiveDraft } from "../client/live_draft.js" */

export class UnloadGuard {
  #live;
  #onlyHere;
  #isSet = false;

  /**
   * @param {LiveDraft} live
   * @param {() => boolean} onlyHere whether there are such bytes
   */
  constructor(live, onlyHere) {
    this.#live = live;
    this.#onlyHere = onlyHere;
  }

  start() {
    this.#live.addEventListener("change", this.update);
  }

  stop() {
    this.#live.removeEventListener("change", this.update);
    this.#set(false);
  }

  update = () => this.#set(this.#live.isOpen && this.#onlyHere());

  /**
   * Listens only while necessary, because a listener may keep the page out of the back/forward cache.
   * @param {boolean} isNeeded
   */
  #set(isNeeded) {
    if (isNeeded === this.#isSet) return;
    this.#isSet = isNeeded;
    if (isNeeded) window.addEventListener("beforeunload", this.#ask);
    else window.removeEventListener("beforeunload", this.#ask);
  }

  /** @type {(event: BeforeUnloadEvent) => void} */
  #ask = (event) => {
    if (this.#onlyHere()) event.preventDefault();
  };
}
