// @ts-check
/**
 * Messages about files that were not added and changes that were not made. They match the server's
 * (uploads/core/limits.py): one sentence per rule.
 */
import { facts, formatSize, whole } from "./format.js";
import { gettext, interpolate, ngettext } from "./gettext.js";
import { withCount, withFewNames } from "./phrases.js";

/** @import { LimitsInfo } from "../transport/protocol.js" */

/** @param {string} name */
export const emptyFile = (name) => interpolate(gettext("“%(name)s” is empty. Choose another file."), { name });
/** @param {string} name */
export const unsupported = (name) =>
  interpolate(gettext("“%(name)s” is not a supported image. Use JPEG, PNG or WebP."), { name });
export const ANIMATED = gettext("Animated images aren't supported. Export a still JPEG, PNG or WebP.");
/**
 * @param {string} name
 * @param {number} bytes
 * @param {number} limit
 */
export const tooLarge = (name, bytes, limit) =>
  interpolate(gettext("“%(name)s” is %(size)s. The limit is %(limit)s."), {
    name,
    size: formatSize(Math.ceil(bytes / 1e5) * 1e5),
    limit: formatSize(limit),
  });
/**
 * @param {string} name
 * @param {number} limit
 */
export const tooMany = (name, limit) =>
  interpolate(
    ngettext(
      "“%(name)s” was not added. The limit is %(count)s image.",
      "“%(name)s” was not added. The limit is %(count)s images.",
      limit,
    ),
    { name, count: whole.format(limit) },
  );
/**
 * @param {string} name
 * @param {number} limit
 */
export const draftFull = (name, limit) =>
  interpolate(gettext("“%(name)s” was not added. All images together may have %(limit)s."), {
    name,
    limit: formatSize(limit),
  });
/** @param {string} name */
export const heic = (name) =>
  interpolate(
    gettext(
      "“%(name)s” is an HEIC photo, which is not supported. Export it as JPEG; iPhones take JPEG with Settings, Camera, Formats, “Most Compatible”.",
    ),
    { name },
  );
/** @type {Record<string, (name: string, bytes: number, limits: LimitsInfo) => string>} */
const REFUSED_FILE = {
  empty_file: emptyFile,
  unsupported_type: unsupported,
  too_large: (name, bytes, { max_file_bytes }) => tooLarge(name, bytes, max_file_bytes),
  too_many_files: (name, _, { max_files }) => tooMany(name, max_files),
  draft_full: (name, _, { max_draft_bytes }) => draftFull(name, max_draft_bytes),
};
/**
 * A refusal of the server in the language of the page. Its sentence is looked up in the catalog; one about a refused
 * file is composed here, with numbers in the page's format.
 * @param {{code: string, message: string}} refusal
 * @param {{name: string, size: number}} [file] the refused file
 * @param {LimitsInfo|null} [limits]
 */
export function refused({ code, message }, file, limits) {
  if (file && limits && REFUSED_FILE[code]) return REFUSED_FILE[code](file.name, file.size, limits);
  // For a message from an outdated page, the server's sentence is written for developers.
  return code === "bad_message"
    ? gettext("The server did not understand this message. Reload the page.")
    : gettext(message);
}
/**
 * @param {string} name
 * @param {string} message
 */
export const problem = (name, message) =>
  message.includes(name) ? message : interpolate(gettext("“%(name)s”: %(message)s"), { name, message });
/**
 * @param {number} files that were not added
 * @param {number} changes that were not made
 */
export const problemsTitle = (files, changes) =>
  facts.format([
    ...(files > 0
      ? [withCount(files, ngettext("%(count)s file was not added", "%(count)s files were not added", files))]
      : []),
    ...(changes > 0
      ? [withCount(changes, ngettext("%(count)s change was not made", "%(count)s changes were not made", changes))]
      : []),
  ]);
/** @param {number} count */
export const smallerCopies = (count) => ngettext("Upload a smaller copy", "Upload smaller copies", count);
/** @param {string[]} names */
export const manyEmpty = (names) => withFewNames(names, gettext("%(names)s are empty. Choose other files."));
/** @param {string[]} names */
export const manyUnsupported = (names) =>
  withFewNames(names, gettext("%(names)s are not supported images. Use JPEG, PNG or WebP."));
/** @param {string[]} names */
export const manyAnimated = (names) =>
  withFewNames(names, gettext("%(names)s: animated images aren't supported. Export still JPEG, PNG or WebP images."));
/** @param {string[]} names */
export const manyTooLarge = (names) => withFewNames(names, gettext("%(names)s are too large."));
/** @param {string[]} names */
export const manyTooMany = (names) =>
  withFewNames(names, gettext("%(names)s were not added. There are as many images as there can be."));
export const SMALLER_COPY = smallerCopies(1);
export const UNREADABLE = gettext("The file can no longer be read from your disk. Choose it again.");
