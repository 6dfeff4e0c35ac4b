// @ts-check
/**
 * Suggests moving images to the variant that their names match. It never moves them unasked, and asks once per image.
 */
import { MAIN } from "../model/list_id.js";
import { variantOf } from "../model/variant_matching.js";
import * as errorMessages from "../text/error_messages.js";
import { whole } from "../text/format.js";
import { gettext, interpolate, ngettext } from "../text/gettext.js";
import { button, el } from "../view/ui/dom.js";

/** @import { List } from "../model/cards.js" */

const NOT_NOW = gettext("Not now");
/**
 * @param {number} count
 * @param {string} label
 */
const promptText = (count, label) =>
  interpolate(ngettext("%(count)s image looks like %(label)s.", "%(count)s images look like %(label)s.", count), {
    count: whole.format(count),
    label,
  });
/**
 * @param {number} count
 * @param {string} label
 */
const moveLabel = (count, label) =>
  interpolate(ngettext("Move %(count)s image to %(label)s", "Move %(count)s images to %(label)s", count), {
    count: whole.format(count),
    label,
  });

/** Key under which this tab stores, across reloads, which images have been decided about. */
const DECIDED_KEY = "manage-files-offers";

/** @typedef {{variant: string, label: string, files: string[]}} Suggestion */

export class VariantSuggestions {
  /** Images that the user has decided about. */
  #decided = loadDecided();
  /** @type {Set<string>} */
  #announced = new Set();
  #shown = "";
  #lines;
  #callbacks;

  /**
   * @param {Element[]} anchors each shows the suggestions after itself
   * @param {object} callbacks
   * @param {(files: string[], variant: string) => void} callbacks.onDecided `files` is empty if the user declined
   * @param {(sentence: string) => void} callbacks.say
   */
  constructor(anchors, callbacks) {
    this.#callbacks = callbacks;
    this.#lines = anchors.map((anchor) => {
      const lines = el("div", { class: "mf-offers" });
      anchor.before(lines);
      return lines;
    });
  }

  /**
   * @param {List[]} lists
   * @param {(file: string) => boolean} isMine whether this tab added it
   */
  render(lists, isMine) {
    const suggestions = this.#suggestions(lists, isMine);
    const key = JSON.stringify(suggestions);
    if (key === this.#shown) return;
    this.#shown = key;
    for (const { label, files } of suggestions) {
      if (files.some((file) => !this.#announced.has(file))) this.#callbacks.say(promptText(files.length, label));
      for (const file of files) this.#announced.add(file);
    }
    for (const lines of this.#lines) {
      const hadFocus = lines.contains(document.activeElement);
      lines.replaceChildren(...suggestions.map((suggestion) => this.#line(suggestion)));
      if (hadFocus) lines.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
    }
  }

  /**
   * @param {List[]} lists
   * @param {(file: string) => boolean} isMine
   * @returns {Suggestion[]}
   */
  #suggestions([main, ...variants], isMine) {
    const fresh = main?.id === MAIN ? main.cards.filter(({ id }) => isMine(id) && !this.#decided.has(id)) : [];
    const named = fresh.map(({ id, name }) => ({ id, variant: variantOf(name, variants) }));
    return variants.flatMap(({ id, label }) => {
      const files = named.filter(({ variant }) => variant === id).map((file) => file.id);
      return files.length > 0 ? [{ variant: id, label: label.trim(), files }] : [];
    });
  }

  /** @param {Suggestion} suggestion */
  #line({ variant, label, files }) {
    const decide = (/** @type {string[]} */ moved) => {
      for (const file of files) this.#decided.add(file);
      attempt(() => sessionStorage.setItem(DECIDED_KEY, JSON.stringify([...this.#decided])));
      this.#callbacks.onDecided(moved, variant);
    };
    const say = promptText(files.length, label);
    return el(
      "div",
      { class: "mf-offer", role: "group", "aria-label": say },
      el("p", {}, say),
      button({ class: "mf-button mf-button-small" }, () => decide(files), moveLabel(files.length, label)),
      button(
        { class: "mf-button mf-button-quiet mf-button-small", "aria-label": errorMessages.problem(say, NOT_NOW) },
        () => decide([]),
        NOT_NOW,
      ),
    );
  }
}

/** @returns {Set<string>} */
function loadDecided() {
  return new Set(attempt(() => JSON.parse(sessionStorage.getItem(DECIDED_KEY) ?? "[]")) ?? []);
}

/**
 * A browser may forbid storage; the user is then asked again after a reload.
 * @template T
 * @param {() => T} use
 * @returns {T|null}
 */
function attempt(use) {
  try {
    return use();
  } catch {
    return null;
  }
}
