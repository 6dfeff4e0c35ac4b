// @ts-check
/**
 * Runs on every page of a signed-in user: deletes cached files of drafts that were saved or discarded, and all of them
 * on sign-out. The page names the user and the URL to ask: `<meta name="manage-files" data-user="..."
 * data-wanted="...">`. The sign-out form is marked: `<form data-sign-out>`.
 */
import { cachedDrafts, clearCache, FileCache, pruneCache } from "./recovery/file_cache.js";

/** Signing out waits no longer than this; the next sign-in deletes what is left. */
const SIGN_OUT_TIMEOUT_MS = 1_000;
/** The number of drafts that fit into a URL; the next page asks about the others. */
const MAX_DRAFTS_ASKED = 50;

/**
 * @param {string} user
 * @param {string} address returns which drafts may still need their files
 */
async function pruneStorage(user, address) {
  await pruneCache(user);
  const drafts = (await cachedDrafts(user)).slice(0, MAX_DRAFTS_ASKED);
  if (drafts.length === 0) return;
  const wanted = await ask(`${address}?${new URLSearchParams(drafts.map((draft) => ["draft", draft]))}`).catch(
    () => null,
  );
  // No response, or not one from the server: then nothing is known.
  if (!Array.isArray(wanted)) return;
  await Promise.all(
    drafts.filter((draft) => !wanted.includes(draft)).map((draft) => new FileCache(user, draft).clear()),
  );
}

/**
 * @param {string} address
 * @returns {Promise<unknown>}
 */
async function ask(address) {
  const response = await fetch(address);
  return response.ok ? (await response.json()).wanted : null;
}

/** @param {SubmitEvent} event */
async function signOut(event) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || !form.matches("[data-sign-out]") || event.defaultPrevented) return;
  event.preventDefault();
  await Promise.race([clearCache(), new Promise((resolve) => setTimeout(resolve, SIGN_OUT_TIMEOUT_MS))]);
  form.submit();
}

const { user = "", wanted = "" } =
  /** @type {HTMLElement|null} */ (document.querySelector("meta[name=manage-files]"))?.dataset ?? {};
if (user) pruneStorage(user, wanted);
document.addEventListener("submit", signOut);
