// @ts-check
/** Messages of the lightbox. */
import { whole } from "./format.js";
import { gettext, interpolate } from "./gettext.js";

export const CLOSE = gettext("Close");
export const PREVIOUS = gettext("Previous image");
export const NEXT = gettext("Next image");
export const REAL_SIZE = gettext("Real size");
export const DIMENSIONS = gettext("Dimensions");
export const SIZE = gettext("Size");
export const TYPE = gettext("Type");
export const TAKEN = gettext("Taken");
export const CANNOT_SHOW = gettext("This image cannot be shown here.");
export const ALT_TEXT_LABEL = gettext("What the image shows, for people who cannot see it");
export const SAVED = gettext("Saved.");

/** @type {Record<string, string>} */
export const TYPES = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "image/avif": "AVIF",
  "image/heic": "HEIC",
  "image/heif": "HEIF",
};

/**
 * @param {string} width
 * @param {string} height
 */
export const pixels = (width, height) => interpolate(gettext("%(width)s × %(height)s pixels"), { width, height });

/**
 * @param {number} place position from 1
 * @param {number} count
 */
export const placeOf = (place, count) =>
  interpolate(gettext("%(place)s of %(count)s"), { place: whole.format(place), count: whole.format(count) });

/** Few cameras record their time zone, so only the date is reliable. */
const day = new Intl.DateTimeFormat(globalThis.document?.documentElement.lang || "en", {
  dateStyle: "long",
  timeZone: "UTC",
});
/** @param {number} time milliseconds since the epoch */
export const when = (time) => day.format(time);
