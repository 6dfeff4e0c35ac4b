// @ts-check
/** *Keep for 24 hours*: asks the server to keep the draft for longer than N; the next snapshot says until when. */
import * as messages from "../text/messages.js";
import { button, el, setText } from "../view/ui/dom.js";

const TIMEOUT_MS = 5_000;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.host `data-keep` is the URL to ask, `data-keep-hours` how long the draft is kept
 * @param {() => string} parts.token the CSRF token
 * @param {(sentence: string) => void} parts.say
 * @returns {HTMLElement} the button and its result; empty if the page has no URL
 */
export function keepButton({ host, token, say }) {
  const { keepHours = "" } = host.dataset;
  if (!host.dataset.keep) return el("span", { hidden: true });
  const answer = el("span", {});
  const ask = async () => {
    const response = await fetch(host.dataset.keep ?? "", {
      method: "POST",
      headers: { "X-CSRFToken": token(), Accept: "application/json" },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch(() => null);
    const text = response?.ok ? "" : await reason(response);
    setText(answer, text);
    if (text) say(text);
  };
  const label = messages.keepFor(Number(keepHours));
  return el("span", { class: "mf-keep" }, button({ class: "mf-button mf-button-small" }, ask, label), answer);
}

/** @param {Response|null} response */
async function reason(response) {
  const body = await response?.json().catch(() => null);
  return body?.message ?? messages.NOT_KEPT;
}
