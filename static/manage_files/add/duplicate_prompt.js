// @ts-check
/** Asks what to do with duplicates: skip or keep, one by one or all at once. */
import * as addingMessages from "../text/adding_messages.js";
import * as errorMessages from "../text/error_messages.js";
import { button, el } from "../view/ui/dom.js";

/**
 * @typedef {object} Duplicate
 * @property {File} file the added file
 * @property {string} name
 * @property {string} picture description of the image it duplicates
 */

/** @typedef {(duplicates: Duplicate[], keep: boolean) => void} Decide */

/**
 * @param {Duplicate[]} duplicates if there are none, nothing is asked
 * @param {Decide} decide
 * @returns {HTMLElement[]} the elements to show
 */
export function duplicatePrompt(duplicates, decide) {
  if (duplicates.length === 0) return [];
  const isOne = duplicates.length === 1;
  return [
    el(
      "div",
      { class: "mf-twins", role: "group", "aria-label": addingMessages.duplicatesTitle(duplicates.length) },
      el(
        "div",
        { class: "mf-twins-bar" },
        el("strong", {}, addingMessages.duplicatesTitle(duplicates.length)),
        ...(isOne ? [] : choices(duplicates, decide, addingMessages.SKIP_ALL, addingMessages.KEEP_ALL)),
      ),
      el(
        "ul",
        {},
        ...duplicates.map((duplicate) =>
          el(
            "li",
            {},
            el("span", {}, addingMessages.duplicateOf(duplicate.name, duplicate.picture)),
            ...choices([duplicate], decide, addingMessages.SKIP, addingMessages.KEEP_BOTH, isOne ? "" : duplicate.name),
          ),
        ),
      ),
    ),
  ];
}

/**
 * @param {Duplicate[]} duplicates
 * @param {Decide} decide
 * @param {string} skip
 * @param {string} keep
 * @param {string} [name] the file the buttons are about, if there are several
 */
function choices(duplicates, decide, skip, keep, name = "") {
  const labelled = (/** @type {string} */ text) => ({ "aria-label": name ? errorMessages.problem(name, text) : null });
  return [
    button({ class: "mf-button mf-button-small", ...labelled(skip) }, () => decide(duplicates, false), skip),
    button(
      { class: "mf-button mf-button-quiet mf-button-small", ...labelled(keep) },
      () => decide(duplicates, true),
      keep,
    ),
  ];
}
