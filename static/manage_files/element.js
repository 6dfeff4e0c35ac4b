// @ts-check

import { compose } from "./app/compose.js";
import { FileCache, pruneCache } from "./recovery/file_cache.js";
import { forgetLostDraft, requestNewDraft, settleAddress, switchToDraft } from "./recovery/new_draft.js";

/**
 * `<manage-files>`: the images of a product, which may not exist yet, on its create and edit page. Only a shell:
 * connecting and disconnecting it starts and stops everything else.
 */
export class ManageFilesElement extends HTMLElement {
  /** @type {ReturnType<typeof compose>|null} created on connection, when the form can be read
   *   */
  #controller = null;
  #isAsking = false;
  /** @type {Set<string>} drafts whose files are cached until they are safe in another draft */
  #lost = new Set();

  connectedCallback() {
    settleAddress(this);
    if (this.dataset.user) pruneCache(this.dataset.user);
    this.#controller ??= compose(this, () => this.#startAgain());
    this.#controller.start();
  }

  disconnectedCallback() {
    this.#controller?.stop();
  }

  /** Uploads to a new draft the files of the expired one, which this tab still holds. */
  async #startAgain() {
    const { restart = "", signIn = "", user = "", draft: old = "", lostDraft = "" } = this.dataset;
    // A second click must not open another draft, because the files would be neither in this tab nor cached by then.
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { draft, reason } = await requestNewDraft(restart, signIn, old);
    this.#isAsking = false;
    // The page stays as it is, with the typed text.
    if (!draft || !this.#controller) return this.#controller?.reportNewDraftError(reason);
    const kept = this.#controller.heldFiles();
    this.#controller.stop();
    this.replaceChildren();
    switchToDraft(this, draft);
    this.#controller = compose(this, () => this.#startAgain());
    this.#controller.start();
    for (const lost of [old, lostDraft]) if (lost) this.#lost.add(lost);
    if (!(await this.#controller.uploadAgain(kept))) return;
    forgetLostDraft();
    for (const lost of this.#lost) await new FileCache(user, lost).clear();
    this.#lost.clear();
  }
}
