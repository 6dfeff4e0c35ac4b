// @ts-check
/**
 * Stores edits that may not have reached the server in this tab, for the next page. A reload requests that page while
 * the last messages are still in flight, and gets it without them (measured: every other time).
 */

/**
 * @import { PendingChange } from "../model/draft.js"
 * @import { TextEdits } from "../form/autosave.js"
 * @import { RowEdits } from "../form/variant_rows.js"
 */

/**
 * @typedef {object} Edits
 * @property {TextEdits|null} [text] absent if stored by a page of the previous version
 * @property {Record<string, string[]>|null} fields the whole form, for a page of the previous version
 * @property {RowEdits|null} rows
 * @property {PendingChange[]} changes of images
 */

const PREFIX = "manage-files:";
/** Longer than any reload takes. Older edits could undo what another tab has written since. */
const MAX_AGE_MS = 600_000;

/**
 * @param {string} draft its id
 * @param {Edits} edits
 */
export function saveEdits(draft, edits) {
  attempt(() => sessionStorage.setItem(PREFIX + draft, JSON.stringify({ at: Date.now(), edits })));
}

/**
 * Returns the stored edits, if any, and deletes them.
 * @param {string} draft
 * @returns {Edits|null}
 */
export function takeEdits(draft) {
  const kept = attempt(() => JSON.parse(sessionStorage.getItem(PREFIX + draft) ?? "null"));
  clearEdits(draft);
  return kept && Date.now() - kept.at < MAX_AGE_MS ? kept.edits : null;
}

/** @param {string} draft */
export function clearEdits(draft) {
  attempt(() => sessionStorage.removeItem(PREFIX + draft));
}

/**
 * A browser may forbid storage or have no space; the text is then only on the server.
 * @template T
 * @param {() => T} use
 * @returns {T|null}
 */
function attempt(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
