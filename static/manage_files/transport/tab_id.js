// @ts-check
/**
 * The id of this tab, by which the server counts tabs: a socket that died with its server, or that of the page before a
 * reload, is not counted in addition to its replacement. Two tabs with the same id would merely count as one.
 */
import { newFileId } from "./ids.js";

const KEY = "manage-files:tab";

/**
 * Returns the id of the previous page in this tab, or a new one. A page hands it on when it is left, so a duplicated
 * tab gets its own id.
 * @param {Pick<Window, "addEventListener">} [page]
 * @returns {string}
 */
export function tabId(page = window) {
  const id = attempt(() => sessionStorage.getItem(KEY)) || newFileId();
  attempt(() => sessionStorage.removeItem(KEY));
  page.addEventListener("pagehide", () => attempt(() => sessionStorage.setItem(KEY, id)));
  page.addEventListener("pageshow", () => attempt(() => sessionStorage.removeItem(KEY)));
  return id;
}

/**
 * A browser may forbid storage; a reload then counts as a tab of its own for some seconds.
 * @template T
 * @param {() => T} use
 */
function attempt(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
