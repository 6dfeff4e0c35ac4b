// @ts-check
/**
 * Submits a form without leaving the page, so that nothing is lost when the network fails. The server responds with
 * `{"url": …}` once it is saved. A repeated request saves only once.
 */
import { refreshCsrf } from "./csrf.js";

/** Longer than a save that waits for another one. */
const TIMEOUT_MS = 30_000;
/** Statuses of a proxy whose server is down. */
const NO_SERVER = new Set([502, 503, 504]);

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement|null} submitter
 * @param {AbortSignal} [signal]
 * @returns {Promise<{url: string, status: number}|null>} url: where it was saved, empty if the form must be submitted
 *   normally; null: no response, so it is unknown whether it was saved
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
