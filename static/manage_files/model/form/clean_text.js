// @ts-check
/**
 * Removes characters from a text that nobody types and no server accepts: control characters and lone surrogates. Pure.
 */

/** All control characters but tab and line ends, and lone surrogates. */
const UNTYPED = /(?![\t\n\r])\p{Cc}|\p{Cs}/gu;

/** @param {string} text */
export function cleanText(text) {
  return text.replace(UNTYPED, "");
}

/**
 * Returns the cleaned text and the new cursor position.
 * @param {string} text
 * @param {number} cursor
 */
export function cleanTextAt(text, cursor) {
  return { text: cleanText(text), cursor: cleanText(text.slice(0, cursor)).length };
}

const encoder = new TextEncoder();

/** @param {string[]} texts */
export function textBytes(texts) {
  return texts.reduce((sum, text) => sum + encoder.encode(text).length, 0);
}
