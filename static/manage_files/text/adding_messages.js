// @ts-check
/** Messages about folders, smaller copies and duplicates. */
import { formatSize, whole } from "./format.js";
import { gettext, interpolate, ngettext } from "./gettext.js";
import { variant } from "./messages.js";
import { withCount, withFewNames } from "./phrases.js";

/** @param {string} name */
export const emptyFolder = (name) => interpolate(gettext("“%(name)s” is a folder without images."), { name });
/** @param {string[]} names of folders */
export const tooDeep = (names) =>
  withFewNames(
    names,
    ngettext(
      "%(names)s was not opened: it is more than 8 folders deep. Drop that folder by itself.",
      "%(names)s were not opened: they are more than 8 folders deep. Drop those folders by themselves.",
      names.length,
    ),
  );
export const NO_FILE = gettext(
  "The other page gave only the address of this image. Save the image to your device, then add it here.",
);
export const DROP_NO_FILE = gettext("Save the image to your device first");
/** @param {number} taken */
export const tooManyInFolders = (taken) =>
  withCount(
    taken,
    ngettext(
      "These folders hold too many files. Only the first %(count)s was looked at.",
      "These folders hold too many files. Only the first %(count)s were looked at.",
      taken,
    ),
  );
/** @param {string} name */
export const makingSmaller = (name) => interpolate(gettext("Making a smaller copy of “%(name)s”…"), { name });
/** @param {string} name */
export const noSmallerCopy = (name) =>
  interpolate(
    gettext("This browser cannot make a smaller copy of “%(name)s”. Make one in another program and add it."),
    { name },
  );
/**
 * @param {string} name
 * @param {number} bytes
 * @param {number} before bytes of the original
 * @param {number} width pixels
 * @param {number} height pixels
 */
export const smallerCopy = (name, bytes, before, width, height) =>
  interpolate(gettext("Smaller copy of “%(name)s”: %(size)s instead of %(before)s, %(width)s × %(height)s."), {
    name,
    size: formatSize(bytes),
    before: formatSize(before),
    width: whole.format(width),
    height: whole.format(height),
  });
export const SKIP = gettext("Skip");
export const KEEP_BOTH = gettext("Keep both");
export const SKIP_ALL = gettext("Skip all");
export const KEEP_ALL = gettext("Keep all");
/** @param {number} count */
export const duplicatesTitle = (count) =>
  withCount(count, ngettext("%(count)s image is here already", "%(count)s images are here already", count));
/**
 * @param {string} name
 * @param {string} picture
 */
export const duplicateOf = (name, picture) =>
  interpolate(gettext("“%(name)s”: same picture as %(picture)s"), { name, picture });
/**
 * @param {number} place index from 0
 * @param {string} name
 * @param {string|null} label of its variant; null for a product image
 */
export const pictureAt = (place, name, label) =>
  interpolate(label === null ? gettext("%(place)s: %(name)s") : gettext("%(place)s: %(name)s of %(list)s"), {
    place: whole.format(place + 1),
    name,
    list: variant(label ?? ""),
  });
/** @param {number} count */
export const skipped = (count) =>
  withCount(count, ngettext("%(count)s image skipped.", "%(count)s images skipped.", count));
