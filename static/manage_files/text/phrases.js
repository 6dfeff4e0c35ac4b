// @ts-check
/** Inserts counts and lists of names into messages. Pure. */
import { list, whole } from "./format.js";
import { gettext, interpolate, isolate, ngettext } from "./gettext.js";

/** The number of lost images that a sentence names. */
const MAX_LOST_NAMES = 8;

/** The number of refused files that are named. */
const FEW_NAMES = 2;

/**
 * @param {number} count
 * @param {string} sentence
 */
export function withCount(count, sentence) {
  return interpolate(sentence, { count: whole.format(count) });
}

/**
 * @param {string[]} names
 * @param {string} sentence
 */
export function withNames(names, sentence) {
  return interpolate(sentence, { names: list.format(names.map(isolate)) });
}

/**
 * @param {string[]} names
 * @param {number} max the number of names to list
 */
export function quotedNames(names, max = MAX_LOST_NAMES) {
  const more = names.length - max;
  const told = names.slice(0, max).map((name) => interpolate(gettext("“%(name)s”"), { name }));
  return list.format(more > 0 ? [...told, withCount(more, ngettext("%(count)s more", "%(count)s more", more))] : told);
}

/**
 * @param {string[]} names
 * @param {string} sentence
 */
export function withFewNames(names, sentence) {
  return interpolate(sentence, { names: quotedNames(names, FEW_NAMES) });
}
