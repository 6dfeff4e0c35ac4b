// @ts-check
/** Matches file names to variants: the label of a variant occurs in the name as whole words. Pure. */

/** @typedef {{id: string, label: string}} Variant */
/** @typedef {{variant: string, from: number, to: number}} Match where a label stands among the words of a name */

/**
 * Returns the variant that a file is named after. A label within a longer one does not count ("dark-red.jpg" is not
 * Red).
 * @param {string} name of the file
 * @param {Variant[]} variants
 * @returns {string|null} null if there is none, or more than one
 */
export function variantOf(name, variants) {
  const words = wordsOf(name.replace(/\.\w+$/, ""));
  const matches = variants.flatMap(({ id, label }) => matchesOf(id, wordsOf(label), words));
  const whole = matches.filter((match) => !matches.some((other) => isWithin(match, other)));
  const named = new Set(whole.map(({ variant }) => variant));
  return named.size === 1 ? whole[0].variant : null;
}

/**
 * @param {string} variant
 * @param {string[]} label
 * @param {string[]} words
 * @returns {Match[]}
 */
function matchesOf(variant, label, words) {
  if (label.length === 0) return [];
  const starts = words
    .map((_, index) => index)
    .filter((start) => label.every((word, index) => word === words[start + index]));
  return starts.map((from) => ({ variant, from, to: from + label.length }));
}

/**
 * @param {Match} match
 * @param {Match} other
 */
function isWithin(match, other) {
  return other.from <= match.from && match.to <= other.to && other.to - other.from > match.to - match.from;
}

/**
 * Letters and digits are also separate words: "red2" matches red.
 * @param {string} text
 */
function wordsOf(text) {
  return (
    text
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .match(/\p{L}+|\p{N}+/gu) ?? []
  );
}
