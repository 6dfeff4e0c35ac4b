// @ts-check
/**
 * Makes identifiers. `crypto.randomUUID` exists only in secure contexts, and an ERP on a plain-HTTP intranet is not
 * one; `getRandomValues` works everywhere.
 */

const VARIANT_HEX_DIGITS = 12;

/**
 * Returns a random UUID (version 4), the id of a new file.
 * @returns {string}
 */
export function newFileId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/**
 * Returns the id of a command, which its response carries.
 * @returns {string}
 */
export function newOp() {
  return hex(crypto.getRandomValues(new Uint8Array(8)));
}

/**
 * Returns the temporary id of a new variant row.
 * @returns {string}
 */
export function newVariantId() {
  return "v" + hex(crypto.getRandomValues(new Uint8Array(VARIANT_HEX_DIGITS / 2)));
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
