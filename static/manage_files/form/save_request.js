// @ts-check
/**
 * Sends a form from the page, which stays when the network does not: the server answers `{"url": …}` when it is saved.
 * Asked twice, it saves once.
 */
import { refreshCsrf } from "./csrf.js";

/** Longer than a save takes that waits for another one. */
const TIMEOUT_MS = 30_000;
/** What a proxy answers while there is no server behind it. */
const NO_SERVER = new Set([502, 503, 504]);

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement|null} submitter
 * @param {AbortSignal} [signal]
 * @returns {Promise<{url: string, status: number}|null>} url: where it was saved, empty when the form must be sent as a
 *   page; null: nobody answered, and nobody knows whether it is saved
 */
export async function requestSave(form, submitter, signal) {
  refreshCsrf(form);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const response = await fetch(form.getAttribute("action") ?? "", {
      method: "POST",
      body: new FormData(form, submitter),
      headers: { Accept: "application/json" },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
    if (!isJson) return NO_SERVER.has(response.status) ? null : { url: "", status: response.status };
    const { url } = await response.json();
    return { url: String(url ?? ""), status: response.status };
  } catch {
    return null;
  }
}
