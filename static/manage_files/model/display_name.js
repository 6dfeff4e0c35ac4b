// @ts-check
/**
 * Cleans a file name for display by the server's rule (uploads/core/names.py). With another rule, the name on a card
 * would change after a moment, and a file chosen again would not be recognised. Pure.
 */

const MAX_LENGTH = 120;
const MAX_EXTENSION = 10;
/** Control characters, direction changes, zero-width characters, and invisible letters. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|[\u034f\u115f\u1160\u17b4\u17b5\u1680\u2800\u3164\uffa0]/gu;
const EDGES = /^[ .]+|[ .]+$/g;

/**
 * @param {string} name as reported by the system
 * @returns {string}
 */
export function displayName(name) {
  const base = name.replace(HIDDEN, "").normalize("NFKC").split(/[/\\]/).at(-1) ?? "";
  return cut(base.replace(HIDDEN, "").replace(EDGES, "")).replace(EDGES, "") || "image";
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
