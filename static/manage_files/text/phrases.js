// @ts-check
/** Puts counts and lists of names into messages. Pure. */
import { list, whole } from "./format.js";
import { gettext, interpolate, isolate, ngettext } from "./gettext.js";

/** A sentence names no more of the lost images than a reader would take in. */
const MAX_LOST_NAMES = 8;

/** How many of many refused files are named. */
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
 * @param {number} max how many of them are named
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
