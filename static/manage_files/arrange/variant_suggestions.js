// @ts-check
/**
 * Offers to move images to the variant that their names tell. It never does so unasked, and asks for no image twice.
 */

import { MAIN } from "../model/list_id.js";
import { variantOf } from "../model/variant_matching.js";
import * as refusalWords from "../text/error_messages.js";
import { whole } from "../text/format.js";
import { gettext, interpolate, ngettext } from "../text/gettext.js";
import { build, button } from "../view/ui/dom.js";

/** @import { List } from "../model/cards.js" */

const NOT_NOW = gettext("Not now");
/**
 * @param {number} count
 * @param {string} label
 */
const look = (count, label) =>
  interpolate(ngettext("%(count)s image looks like %(label)s.", "%(count)s images look like %(label)s.", count), {
    count: whole.format(count),
    label,
  });
/**
 * @param {number} count
 * @param {string} label
 */
const move = (count, label) =>
  interpolate(ngettext("Move %(count)s image to %(label)s", "Move %(count)s images to %(label)s", count), {
    count: whole.format(count),
    label,
  });

/** Where this tab remembers, through reloads, which images it need not ask about again. */
const DECIDED = "manage-files-offers";

/** @typedef {{variant: string, label: string, files: string[]}} Offer */

export class NameOffers {
  /** What the user has decided about. */
  #decided = decisions();
  /** @type {Set<string>} */
  #told = new Set();
  #shown = "";
  #lines;
  #then;

  /**
   * @param {Element[]} places each shows the offers behind itself
   * @param {object} then
   * @param {(files: string[], variant: string) => void} then.onDecided to move these, if any
   * @param {(sentence: string) => void} then.say
   */
  constructor(places, then) {
    this.#then = then;
    this.#lines = places.map((place) => {
      const lines = build("div", { class: "mf-offers" });
      place.before(lines);
      return lines;
    });
  }

  /**
   * @param {List[]} lists
   * @param {(file: string) => boolean} isMine whether this tab added it
   */
  render(lists, isMine) {
    const offers = this.#offers(lists, isMine);
    const key = JSON.stringify(offers);
    if (key === this.#shown) return;
    this.#shown = key;
    for (const { label, files } of offers) {
      if (files.some((file) => !this.#told.has(file))) this.#then.say(look(files.length, label));
      for (const file of files) this.#told.add(file);
    }
    for (const lines of this.#lines) {
      const hadFocus = lines.contains(document.activeElement);
      lines.replaceChildren(...offers.map((offer) => this.#line(offer)));
      if (hadFocus) lines.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
    }
  }

  /**
   * @param {List[]} lists
   * @param {(file: string) => boolean} isMine
   * @returns {Offer[]}
   */
  #offers([main, ...variants], isMine) {
    const fresh = main?.id === MAIN ? main.cards.filter(({ id }) => isMine(id) && !this.#decided.has(id)) : [];
    const named = fresh.map(({ id, name }) => ({ id, variant: variantOf(name, variants) }));
    return variants.flatMap(({ id, label }) => {
      const files = named.filter(({ variant }) => variant === id).map((file) => file.id);
      return files.length > 0 ? [{ variant: id, label: label.trim(), files }] : [];
    });
  }

  /** @param {Offer} offer */
  #line({ variant, label, files }) {
    const decide = (/** @type {string[]} */ moved) => {
      for (const file of files) this.#decided.add(file);
      attempt(() => sessionStorage.setItem(DECIDED, JSON.stringify([...this.#decided])));
      this.#then.onDecided(moved, variant);
    };
    const say = look(files.length, label);
    return build(
      "div",
      { class: "mf-offer", role: "group", "aria-label": say },
      build("p", {}, say),
      button({ class: "mf-button mf-button-small" }, () => decide(files), move(files.length, label)),
      button(
        { class: "mf-button mf-button-quiet mf-button-small", "aria-label": refusalWords.problem(say, NOT_NOW) },
        () => decide([]),
        NOT_NOW,
      ),
    );
  }
}

/** @returns {Set<string>} */
function decisions() {
  return new Set(attempt(() => JSON.parse(sessionStorage.getItem(DECIDED) ?? "[]")) ?? []);
}

/**
 * A browser may forbid the storage: then it is asked once more.
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
