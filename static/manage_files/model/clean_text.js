// @ts-check
/** Removes from a text what nobody types and no server takes: control characters and halves of characters. Pure. */

/** All but tab and line ends; a surrogate without its other half. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for
const UNTYPED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

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
