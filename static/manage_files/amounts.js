// @ts-check
/** Numbers, sizes, times and lists, as `Intl` writes them in the language of the page. */

const language = globalThis.document?.documentElement.lang || "en";
const plural = new Intl.PluralRules(language);
export const list = new Intl.ListFormat(language, { type: "conjunction" });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const percentage = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });

const MEGABYTE = 1_000_000;

/** @param {number} bytes */
export const size = (bytes) =>
  bytes < MEGABYTE
    ? `${whole.format(Math.max(1, Math.round(bytes / 1000)))} kB`
    : `${decimal.format(bytes / MEGABYTE)} MB`;

/**
 * @param {number} part bytes
 * @param {number} total bytes
 */
export const sizeOf = (part, total) =>
  total < MEGABYTE
    ? `${whole.format(Math.round(part / 1000))} of ${size(total)}`
    : `${decimal.format(part / MEGABYTE)} of ${size(total)}`;

/** @param {number} ratio 0 to 1 */
export const percent = (ratio) => percentage.format(ratio);

/** @param {number} time milliseconds since the epoch */
export const timeOfDay = (time) => clock.format(time);

/**
 * A time that may stand in a file's name: 14.32.05.
 * @param {number} time milliseconds since the epoch
 */
export const clockTime = (time) => new Date(time).toTimeString().slice(0, 8).replaceAll(":", ".");

/** @param {number} count */
export const images = (count) => counted(count, "1 image", `${whole.format(count)} images`);

/** @param {number} seconds */
export function duration(seconds) {
  if (seconds < 90) return counted(seconds, "1 second", `${whole.format(seconds)} seconds`);
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return counted(minutes, "1 minute", `${whole.format(minutes)} minutes`);
  const hours = Math.round(minutes / 60);
  return counted(hours, "1 hour", `${whole.format(hours)} hours`);
}

/** @param {number} seconds */
export const timeLeft = (seconds) =>
  seconds < 60 ? `${whole.format(Math.max(1, Math.ceil(seconds)))} s left` : `${whole.format(Math.ceil(seconds / 60))} min left`;

/**
 * @param {number} count
 * @param {string} one
 * @param {string} other
 */
export function counted(count, one, other) {
  return plural.select(count) === "one" ? one : other;
}
