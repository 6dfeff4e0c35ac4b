// @ts-check
/**
 * Updates the notice that the product is open in another tab. The page renders it once, and it becomes stale: after a
 * reload, the other tab was this page itself.
 */

/** @import { LiveDraft } from "../client/live_draft.js" */

export class OtherTabs {
  #live;
  #started = false;

  /** @param {LiveDraft} live */
  constructor(live) {
    this.#live = live;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#live.addEventListener("change", this.#changed);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    this.#live.removeEventListener("change", this.#changed);
  }

  #changed = () => {
    const sockets = this.#live.draft.snapshot?.sockets;
    const notice = document.querySelector("[data-open-elsewhere]");
    // Not `hidden`, because the host's own display style would win.
    if (notice instanceof HTMLElement && sockets !== undefined) notice.style.display = sockets < 2 ? "none" : "";
  };
}
