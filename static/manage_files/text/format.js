// @ts-check
/** Formats numbers, sizes, times and lists in the language of the page, using `Intl`. */
import { gettext, interpolate } from "./gettext.js";

const language = globalThis.document?.documentElement.lang || "en";
/** Joins names with the language's "and". */
export const list = new Intl.ListFormat(language, { type: "conjunction" });
/** Joins short facts without an "and". */
export const facts = new Intl.ListFormat(language, { type: "unit", style: "short" });
export const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekday = new Intl.DateTimeFormat(language, { weekday: "short", day: "numeric", month: "short" });
const decimal = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const percentage = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
const kilobytes = in_("kilobyte", "short");
const megabytes = in_("megabyte", "short", 1);
const seconds = in_("second", "long");
const minutes = in_("minute", "long");
const hours = in_("hour", "long");
const secondsShort = in_("second", "short");
const minutesShort = in_("minute", "short");

const MEGABYTE = 1_000_000;

/** @param {number} bytes */
export const formatSize = (bytes) =>
  bytes < MEGABYTE ? kilobytes.format(Math.max(1, Math.round(bytes / 1000))) : megabytes.format(bytes / MEGABYTE);

/**
 * @param {number} part bytes
 * @param {number} total bytes
 */
export const formatSizeOf = (part, total) =>
  interpolate(gettext("%(part)s of %(total)s"), {
    part: total < MEGABYTE ? whole.format(Math.round(part / 1000)) : decimal.format(part / MEGABYTE),
    total: formatSize(total),
  });

/** @param {number} ratio 0 to 1 */
export const formatPercent = (ratio) => percentage.format(ratio);

/** @param {number} time milliseconds since the epoch */
export const formatTimeOfDay = (time) => clock.format(time);

/**
 * A time; with its date unless it is today.
 * @param {number} time milliseconds since the epoch
 */
export const formatMoment = (time) =>
  new Date(time).toDateString() === new Date().toDateString()
    ? clock.format(time)
    : `${weekday.format(time)} ${clock.format(time)}`;

/**
 * A time in a form allowed in file names: 14.32.05.
 * @param {number} time milliseconds since the epoch
 */
export const fileNameTime = (time) => new Date(time).toTimeString().slice(0, 8).replaceAll(":", ".");

/** @param {number} time seconds */
export function formatDuration(time) {
  if (time < 90) return seconds.format(time);
  const inMinutes = Math.round(time / 60);
  return inMinutes < 90 ? minutes.format(inMinutes) : hours.format(Math.round(inMinutes / 60));
}

/** @param {number} time seconds */
export const formatTimeLeft = (time) =>
  interpolate(gettext("%(time)s left"), {
    time: time < 60 ? secondsShort.format(Math.max(1, Math.ceil(time))) : minutesShort.format(Math.ceil(time / 60)),
  });

/**
 * @param {string} unit
 * @param {"short"|"long"} unitDisplay
 * @param {number} [maximumFractionDigits]
 */
function in_(unit, unitDisplay, maximumFractionDigits = 0) {
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay, maximumFractionDigits });
}
