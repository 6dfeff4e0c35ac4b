// @ts-check
/**
 * Goes on with a new draft on the same page, so that what the user typed stays where it is.
 */

/**
 * Asks the server for a new draft: the page that starts one redirects to its address.
 * @param {string} address
 * @returns {Promise<string>} its id; empty when there is none to be had (signed out, no permission)
 */
export async function freshDraft(address) {
  const response = await fetch(address).catch(() => null);
  return (response?.ok && new URL(response.url).searchParams.get("draft")) || "";
}

/**
 * Lets page, form and element speak of another draft.
 * @param {HTMLElement} element
 * @param {string} draft
 */
export function switchTo(element, draft) {
  const { draft: old = "", socket = "", http = "", form: formId = "" } = element.dataset;
  const form = document.getElementById(formId);
  element.dataset.draft = draft;
  element.dataset.socket = socket.replace(old, draft);
  if (http) element.dataset.http = http.replace(old, draft);
  form?.setAttribute("action", (form.getAttribute("action") ?? "").replace(old, draft));
  history.replaceState(history.state, "", location.href.replace(old, draft));
}
