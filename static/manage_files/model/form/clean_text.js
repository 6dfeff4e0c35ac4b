// @ts-check
/** Removes from a text what nobody types and no server takes: control characters and halves of characters. Pure. */

/** All but tab and line ends; a surrogate without its other half. */
const UNTYPED = /(?![\t\n\r])\p{Cc}|\p{Cs}/gu;

/** @param {string} text */
export function cleanText(text) {
  return text.replace(UNTYPED, "");
}

/**
 * The text without them, and where its cursor is then.
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
