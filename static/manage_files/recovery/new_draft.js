// @ts-check
/** Continues with a new draft on the same page, so that the typed text stays in place. */
import { NewDraftError } from "../text/messages.js";

/** After this time the user is told that it failed. */
const TIMEOUT_MS = 15_000;

/**
 * Asks the server for a new draft: the page that opens one redirects to its URL.
 * @param {string} address
 * @param {string} signIn path to which signed-out users are redirected
 * @param {string} [insteadOf] an expired draft, whose text the new one takes over
 * @returns {Promise<{draft: string, url: string, reason: string}>} its id and page; empty on failure, with a
 *   `NewDraftError` as the reason
 */
export async function requestNewDraft(address, signIn, insteadOf) {
  const asked = new URL(address, location.href);
  if (insteadOf) asked.searchParams.set("instead_of", insteadOf);
  const response = await fetch(asked, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => null);
  const at = response && new URL(response.url);
  const draft = (response?.ok && at?.searchParams.get("draft")) || "";
  return {
    draft,
    url: response?.url ?? "",
    reason: at?.pathname === signIn ? NewDraftError.SIGNED_OUT : NewDraftError.FAILED,
  };
}

/**
 * Makes Back and a reload request the page even where it was the response to a save. Browsers would show an error
 * there, or ask to submit the form again.
 * @param {HTMLElement} element
 */
export function settleAddress({ dataset: { draft = "", lostDraft = "" } }) {
  const address = new URL(location.href);
  const named = address.searchParams.get("draft");
  if (named && named !== draft) {
    // The save came too late: the page belongs to another draft by now.
    address.searchParams.set("draft", draft);
    if (lostDraft) address.searchParams.set("lost", lostDraft);
  }
  history.replaceState(history.state, "", address);
}

/**
 * Points page, form and element to another draft.
 * @param {HTMLElement} element
 * @param {string} draft
 */
export function switchToDraft(element, draft) {
  const { draft: old = "", socket = "", http = "", form: formId = "" } = element.dataset;
  const form = document.getElementById(formId);
  element.dataset.draft = draft;
  element.dataset.socket = socket.replace(old, draft);
  if (http) element.dataset.http = http.replace(old, draft);
  if (element.dataset.keep) element.dataset.keep = element.dataset.keep.replace(old, draft);
  form?.setAttribute("action", (form.getAttribute("action") ?? "").replace(old, draft));
  element.dataset.lostDraft = "";
  const address = new URL(location.href.replace(old, draft));
  // Until they are safe in the new draft, a reload offers the images of the old one.
  address.searchParams.set("lost", old);
  history.replaceState(history.state, "", address);
}

/** Notes that the images of an expired draft are restored or not wanted, so that no reload of this page asks again. */
export function forgetLostDraft() {
  const address = new URL(location.href);
  address.searchParams.delete("lost");
  history.replaceState(history.state, "", address);
  // Not `hidden`, because the host's own display style would win.
  for (const notice of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-lost]")))
    notice.style.display = "none";
}
