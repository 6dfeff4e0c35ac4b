// @ts-check
/** Asks what to do with files whose picture the draft has already: with each, or with all of them. */
import * as addingWords from "../text/adding_messages.js";
import * as refusalWords from "../text/error_messages.js";
import { build, button } from "../view/ui/dom.js";

/**
 * @typedef {object} Twin
 * @property {File} file that was added
 * @property {string} name
 * @property {string} picture the one it repeats, in words
 */

/** @typedef {(twins: Twin[], keep: boolean) => void} Decide */

/**
 * @param {Twin[]} twins none: nothing is asked
 * @param {Decide} decide
 * @returns {HTMLElement[]} what to show
 */
export function twinNotice(twins, decide) {
  if (twins.length === 0) return [];
  const isOne = twins.length === 1;
  return [
    build(
      "div",
      { class: "mf-twins", role: "group", "aria-label": addingWords.twinsTitle(twins.length) },
      build(
        "div",
        { class: "mf-twins-bar" },
        build("strong", {}, addingWords.twinsTitle(twins.length)),
        ...(isOne ? [] : choices(twins, decide, addingWords.SKIP_ALL, addingWords.KEEP_ALL)),
      ),
      build(
        "ul",
        {},
        ...twins.map((twin) =>
          build(
            "li",
            {},
            build("span", {}, addingWords.twin(twin.name, twin.picture)),
            ...choices([twin], decide, addingWords.SKIP, addingWords.KEEP_BOTH, isOne ? "" : twin.name),
          ),
        ),
      ),
    ),
  ];
}

/**
 * @param {Twin[]} twins
 * @param {Decide} decide
 * @param {string} skip
 * @param {string} keep
 * @param {string} [name] whose buttons they are, where there are several
 */
function choices(twins, decide, skip, keep, name = "") {
  const labelled = (/** @type {string} */ text) => ({ "aria-label": name ? refusalWords.problem(name, text) : null });
  return [
    button({ class: "mf-button mf-button-small", ...labelled(skip) }, () => decide(twins, false), skip),
    button({ class: "mf-button mf-button-quiet mf-button-small", ...labelled(keep) }, () => decide(twins, true), keep),
  ];
}
