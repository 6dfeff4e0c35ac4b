// @ts-check
/** The form's text that the server may not have, kept by this tab for the page that comes next. */

const PREFIX = "manage-files:";
/** Longer than a reload takes on a bad day; what comes back later may be older than what another tab wrote. */
const KEPT_MS = 600_000;

/**
 * @param {string} draft its id
 * @param {Record<string, string[]>} fields
 */
export function keepText(draft, fields) {
  attempt(() => sessionStorage.setItem(PREFIX + draft, JSON.stringify({ at: Date.now(), fields })));
}

/**
 * @param {string} draft
 * @returns {Record<string, string[]>|null}
 */
export function keptText(draft) {
  const kept = attempt(() => JSON.parse(sessionStorage.getItem(PREFIX + draft) ?? "null"));
  return kept && Date.now() - kept.at < KEPT_MS ? kept.fields : null;
}

/** @param {string} draft */
export function forgetText(draft) {
  attempt(() => sessionStorage.removeItem(PREFIX + draft));
}

/**
 * A browser may forbid the storage, or have no room: then only the server keeps the text.
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
