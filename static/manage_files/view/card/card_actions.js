// @ts-check
/**
 * An action requested by the user. Views only dispatch it, as a bubbling event; `app/actions.js` performs it.
 * @typedef {{kind: "remove"|"restore"|"purge"|"retry"|"choose"|"menu"|"look"|"describe"|"replace"|"shrink", file: string}
 *   | {kind: "move", files: string[], list: string, after: string|null}
 *   | {kind: "remove-all", files: string[]} | {kind: "restore-all"|"empty"}
 *   | {kind: "sort", list: string, by?: "name"|"time"|"back"}
 *   | {kind: "select", file: string, how: "toggle"|"range"|"all"}
 *   | {kind: "shrink-all", problems: import("../../client/validation.js").Problem[]} | {kind: "retry-all"}
 *   | {kind: "add", list: string, way?: "files"|"folder"|"camera"}} UiAction
 */

export const ACTION = "mf-intention";

/**
 * @param {Element} element where it happened
 * @param {UiAction} action
 */
export function dispatchAction(element, action) {
  element.dispatchEvent(new CustomEvent(ACTION, { bubbles: true, detail: action }));
}
