// @ts-check
/**
 * Converts numbers between the user's language and the wire format, which has a decimal point and two decimals
 * (`1234.50`) and can be read in only one way. Other text is passed on as typed. The counterpart of
 * `erp/marketing/price_text.py`. Pure.
 */

/** @typedef {{decimal: string, group: string}} Separators group: empty where a lone separator decides nothing */

/** The Arabic separators are unambiguous everywhere; every other variant is mapped to one of them, or to "." or ",". */
const [DECIMAL, GROUP] = ["\u066b", "\u066c"];
const GROUP_SIGNS = /[ \u00a0\u2009\u202f'\u2019]/g;
/** Direction marks come along with copied text. */
const INVISIBLE = /[\u200b\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** The zeros of other digits: Arabic, Persian, Devanagari, full width. */
const ZEROS = [0x660, 0x6f0, 0x966, 0xff10];
const NUMBER = new RegExp(`^([+-]?)([0-9.,${DECIMAL}${GROUP}]+)$`);
const GROUPED = new RegExp(`^[1-9][0-9]{0,2}(${GROUP}[0-9]{3})+$`);
const PLAIN = /^-?\d+\.\d{2}$/;
const DECIMALS = 2;

/**
 * Returns the number in the wire format; the text itself if it is none, is ambiguous, or has too many decimals.
 * @param {string} text
 * @param {Separators} separators
 */
export function plainNumber(text, separators) {
  const shown = text.replace(INVISIBLE, "").trim().replace(GROUP_SIGNS, GROUP);
  const signs = shown.replaceAll("\u060c", ",").replaceAll("\u2212", "-");
  const [, sign, number] = NUMBER.exec([...signs].map(asciiDigit).join("")) ?? [];
  const parts = number === undefined ? null : split(number, separators);
  if (!parts) return text;
  const whole = GROUPED.test(parts.whole) ? parts.whole.replaceAll(GROUP, "") : parts.whole;
  const fraction = parts.fraction.replace(/0+$/, "");
  // ".5" has no whole part; "." alone is not a number.
  if (!/^\d*$/.test(whole) || fraction.length > DECIMALS) return text;
  return `${sign === "-" ? "-" : ""}${whole.replace(/^0+(?=\d)/, "") || "0"}.${fraction.padEnd(DECIMALS, "0")}`;
}

/**
 * Returns the number in the format of the language; any other text unchanged.
 * @param {string} text
 * @param {Separators} separators
 */
export function shownNumber(text, { decimal }) {
  return PLAIN.test(text) ? text.replace(".", decimal) : text;
}

/** @param {string} character */
function asciiDigit(character) {
  const code = character.codePointAt(0) ?? 0;
  const zero = ZEROS.find((each) => code >= each && code < each + 10);
  return zero === undefined ? character : String(code - zero);
}

/**
 * @param {string} number digits and separators
 * @param {Separators} separators
 * @returns {{whole: string, fraction: string}|null} null if it is not a number, or ambiguous
 */
function split(number, separators) {
  const kinds = [DECIMAL, ".", ","].filter((mark) => number.includes(mark));
  if (kinds.length === 0) return { whole: number, fraction: "" };
  const last = kinds.reduce((one, other) => (number.lastIndexOf(other) > number.lastIndexOf(one) ? other : one));
  const mark = kinds.includes(DECIMAL) ? DECIMAL : last;
  const grouped = number.replaceAll(mark, GROUP);
  const isDecimal = mark === DECIMAL || kinds.length > 1 || number.includes(GROUP) || !GROUPED.test(grouped);
  if (isDecimal) {
    const at = number.lastIndexOf(mark);
    const [whole, fraction] = [number.slice(0, at), number.slice(at + 1)];
    const others = kinds.filter((kind) => kind !== mark);
    const isOne = others.length === 1 && !number.includes(GROUP);
    return /^\d+$/.test(fraction) ? { whole: isOne ? whole.replaceAll(others[0], GROUP) : whole, fraction } : null;
  }
  // A single kind in groups of three separates thousands, if there are several or the language uses it so.
  if (number.indexOf(mark) === number.lastIndexOf(mark) && mark !== separators.group) return null;
  return { whole: grouped, fraction: "" };
}
