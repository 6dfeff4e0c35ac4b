// @ts-check
/**
 * Translates messages with Django's JavaScript catalog if the page has loaded one; otherwise they stay English. Pure
 * except for reading the page's language.
 */

/** @typedef {{gettext: (msgid: string) => string, ngettext: (one: string, other: string, count: number) => string}} Catalog */

/** @type {Catalog|undefined} */
const catalog = /** @type {any} */ (globalThis).django;

/** Languages written from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;
const isRightToLeft = globalThis.document?.documentElement.dir === "rtl";

/**
 * @param {string} sentence in English
 * @returns {string}
 */
export const gettext = (sentence) => catalog?.gettext(sentence) ?? sentence;

/**
 * @param {string} one in English, for a count of 1
 * @param {string} other in English, for any other count
 * @param {number} count
 * @returns {string}
 */
export const ngettext = (one, other, count) => catalog?.ngettext(one, other, count) ?? (count === 1 ? one : other);

/**
 * Fills in the named placeholders, `%(name)s`, of a sentence.
 * @param {string} sentence
 * @param {Record<string, string>} values
 * @returns {string}
 */
export const interpolate = (sentence, values) => sentence.replace(/%\((\w+)\)s/g, (_, name) => isolate(values[name]));

/**
 * Isolates text that may run in the other direction, so that it does not reorder the sentence around it. A phrase
 * composed of such parts has the page's own direction.
 * @param {string} text
 */
export function isolate(text) {
  return (isRightToLeft || RIGHT_TO_LEFT.test(text)) && !text.includes("\u2068") ? `\u2068${text}\u2069` : text;
}
