// @ts-check
/**
 * Cleans a file name for display by the server's rule (uploads/core/names.py). With another rule, the name on a card
 * would change after a moment, and a file chosen again would not be recognised. Pure.
 */

const MAX_LENGTH = 120;
const MAX_EXTENSION = 10;
/**
 * Control characters, direction changes, invisible or zero-width letters, and code points that will never be letters.
 * Letters newer than this browser's tables stay, and so do signs around a number.
 */
const HIDDEN =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]|[\u034f\u115f\u1160\u17b4\u17b5\u1680\u2065\u2800\u3164\uffa0\ufff0-\ufff8\u{e0000}-\u{e0fff}]|\p{Noncharacter_Code_Point}/u;
/** The virama of Indic scripts, which marks a missing vowel. */
const VIRAMA =
  /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0f84\u1039\u103a\u1714\u1734\u17d2\u1a60\u1b44\u1baa\u1bab\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed]/u;
const INDIC = /[\u0904-\u0dff]/u;
/** Arabic scripts, such as Persian. */
const CURSIVE = /[\u0620-\u085f\u0870-\u08ff]/u;
const PICTURES = /[\u2190-\u2bff\u{1f000}-\u{1faff}]/u;
/** Flags of regions within a country, made of letters that are invisible elsewhere. */
const FLAGS = /(\u{1f3f4}[\u{e0030}-\u{e0039}\u{e0061}-\u{e007a}]{3,6}\u{e007f})/u;
const NON_JOINER = "\u200c";
const JOINER = "\u200d";
const AS_PICTURE = "\ufe0f";
const EDGES = /^[ .]+|[ .]+$/g;

/**
 * @param {string} name as reported by the system
 * @returns {string}
 */
export function displayName(name) {
  let shown = name;
  let before;
  while (shown !== before) {
    before = shown;
    shown = cleaned(shown);
  }
  return shown || "image";
}

/** @param {string} name */
function cleaned(name) {
  const base = visible(name).normalize("NFKC").split(/[/\\]/).at(-1) ?? "";
  return cut(visible(base).replace(EDGES, "")).replace(EDGES, "");
}

/** @param {string} text */
function visible(text) {
  return text
    .split(FLAGS)
    .map((part, at) => (at % 2 ? part : withoutHidden(Array.from(part))))
    .join("");
}

/** @param {string[]} letters */
function withoutHidden(letters) {
  return letters.filter((letter, at) => !HIDDEN.test(letter) || joins(letters, at)).join("");
}

/**
 * Whether a zero-width character changes how its neighbours look; elsewhere it is invisible.
 * @param {string[]} letters
 * @param {number} at
 */
function joins(letters, at) {
  const isJoiner = letters[at] === JOINER;
  if (!isJoiner && letters[at] !== NON_JOINER) return false;
  const before = letters[at - 1] ?? "";
  const after = letters[at + 1] ?? "";
  if (VIRAMA.test(before) || (isJoiner && INDIC.test(before) && VIRAMA.test(after))) return true;
  if (CURSIVE.test(before)) return isJoiner || CURSIVE.test(after);
  const picture = before === AS_PICTURE ? (letters[at - 2] ?? "") : before;
  return isJoiner && PICTURES.test(picture) && PICTURES.test(after);
}

/** @param {string} shown */
function cut(shown) {
  const letters = Array.from(shown);
  if (letters.length <= MAX_LENGTH) return shown;
  const dot = letters.lastIndexOf(".");
  const extension = letters.slice(dot + 1);
  if (dot < 0 || extension.length > MAX_EXTENSION) return letters.slice(0, MAX_LENGTH).join("");
  return [...letters.slice(0, Math.min(dot, MAX_LENGTH - extension.length - 1)), ".", ...extension].join("");
}
