// @ts-check

import { compose } from "./app/compose.js";
import { FileCache, pruneCache } from "./recovery/file_cache.js";
import { forgetLostDraft, requestNewDraft, settleAddress, switchToDraft } from "./recovery/new_draft.js";

/**
 * `<manage-files>`: the images of a product that may not exist yet, on its create and edit page. Only a shell:
 * connecting and disconnecting it starts and stops everything else.
 */
export class ManageFilesElement extends HTMLElement {
  /** @type {ReturnType<typeof compose>|null} made on the page: only there the form around it can be read */
  #controller = null;
  #isAsking = false;
  /** @type {Set<string>} drafts whose files are kept until they are safe in another */
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

  /** The draft has expired, but this tab still holds its files: uploads them to a new one. */
  async #startAgain() {
    const { restart = "", signIn = "", user = "", draft: old = "", lostDraft = "" } = this.dataset;
    // A second click must not start another draft: the files would be neither in this tab nor cached by then.
    if (this.#isAsking) return;
    this.#isAsking = true;
    const { draft, reason } = await requestNewDraft(restart, signIn, old);
    this.#isAsking = false;
    // The page stays as it is, with what was typed.
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
