// @ts-check
/**
 * Unsaved products on the pages of the ERP: records which drafts this tab and this browser left, keeps their lists up
 * to date, and shows times in the reader's time zone. Without scripts the pages stay as they were rendered.
 *
 * `<div data-live-part="URL">` is replaced by the response of the URL. With `data-left-drafts` it shows drafts that
 * this browser left within the last minutes, and stays empty if there are none.
 */

const POLL_MS = 3_000;
/** After this time the socket of a page that was left is closed. */
const JUST_LEFT_MS = 10_000;
const LEFT_MS = 600_000;
const KEY = "erp:left-drafts";

// Drafts left by this tab or browser -----------------------------------------------------------------

/**
 * @param {Storage} storage of the tab or of the browser
 * @param {number} maxAge ms
 * @returns {Record<string, number>} when each was left, in ms since the epoch
 */
function leftDrafts(storage, maxAge) {
  try {
    const all = Object.entries(JSON.parse(storage.getItem(KEY) ?? "{}"));
    return Object.fromEntries(all.filter(([, at]) => Date.now() - Number(at) < maxAge));
  } catch {
    return {}; // A browser may forbid storage; the lists are then a few seconds late.
  }
}

/** @param {(left: Record<string, number>) => void} change */
function changeLeft(change) {
  for (const name of /** @type {const} */ (["sessionStorage", "localStorage"])) {
    try {
      const left = leftDrafts(window[name], LEFT_MS);
      change(left);
      window[name].setItem(KEY, JSON.stringify(left));
    } catch {}
  }
}

/** The draft of this page; after *Upload again* it differs from the one in the URL. */
function draftHere() {
  return /** @type {HTMLElement|null} */ (document.querySelector("manage-files"))?.dataset.draft ?? "";
}

window.addEventListener("pagehide", () => {
  const draft = draftHere();
  if (draft) changeLeft((left) => (left[draft] = Date.now()));
});

// Live parts --------------------------------------------------------------------------------------

/** @param {HTMLElement} part */
function addressOf(part) {
  const url = new URL(part.dataset.livePart ?? "", location.href);
  for (const draft of Object.keys(leftDrafts(sessionStorage, JUST_LEFT_MS))) url.searchParams.append("left", draft);
  if (!("leftDrafts" in part.dataset)) return url;
  const left = Object.keys(leftDrafts(localStorage, LEFT_MS)).filter((draft) => draft !== draftHere());
  for (const draft of left) url.searchParams.append("draft", draft);
  return left.length > 0 ? url : null;
}

/** @param {HTMLElement} part */
async function refresh(part) {
  const address = addressOf(part);
  if (!address) return show(part, "");
  const response = await fetch(address, { signal: AbortSignal.timeout(POLL_MS * 3) }).catch(() => null);
  // Signed out, or an error: keep what is shown until the server responds again.
  if (response?.ok && !response.redirected) show(part, await response.text());
}

/** @type {WeakMap<HTMLElement, string>} the content of each part, as the server rendered it */
const shown = new WeakMap();

/**
 * Replaces the content of a part if it changed, and restores the focus.
 * @param {HTMLElement} part
 * @param {string} html
 */
function show(part, html) {
  if (shown.get(part) === html) return;
  shown.set(part, html);
  const { activeElement } = document;
  const focused = part.contains(activeElement) ? /** @type {HTMLElement} */ (activeElement) : null;
  const draft = /** @type {HTMLElement|null|undefined} */ (focused?.closest("[data-draft]"))?.dataset.draft;
  part.innerHTML = html;
  showTimes(part);
  if (!focused) return;
  const same = `[data-draft="${draft}"] [data-action="${focused.dataset.action}"]`;
  const again = part.querySelector(same) ?? part.querySelector(`[data-draft="${draft}"] [data-action]`);
  if (again instanceof HTMLElement) again.focus();
}

const parts = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-live-part]"));
/** @type {ReturnType<typeof setTimeout>|undefined} */
let timer;

async function poll() {
  clearTimeout(timer);
  if (document.visibilityState === "visible") await Promise.all([...parts].map(refresh));
  clearTimeout(timer);
  timer = setTimeout(poll, POLL_MS);
}

// Times -------------------------------------------------------------------------------------------

const language = document.documentElement.lang;
const day = new Intl.DateTimeFormat(language, { dateStyle: "short" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** @param {ParentNode} where */
function showTimes(where) {
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (where.querySelectorAll("time[data-local-time]"))) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = today ? clock.format(at) : `${day.format(at)} ${clock.format(at)}`;
  }
}

showTimes(document);
if (parts.length > 0) {
  poll();
  document.addEventListener("visibilitychange", poll);
  // A page that *Back* restored from the cache is as old as the visit to it.
  window.addEventListener("pageshow", ({ persisted }) => persisted && poll());
}
