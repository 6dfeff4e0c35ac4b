// @ts-check
/**
 * The id of this tab, by which the server counts tabs: a socket that died with its server is not counted beside the one
 * that replaced it, nor that of the page before a reload. Two tabs with one id would only be counted as one.
 */
import { newFileId } from "./ids.js";

const KEY = "manage-files:tab";

/**
 * The id of the page that was in this tab before, or a new one. It is handed on by a page that is left: the copy of a
 * tab begins with an id of its own.
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
 * A browser may forbid the storage: then a reload is a tab of its own for some seconds.
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
