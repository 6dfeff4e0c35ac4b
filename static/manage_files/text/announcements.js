// @ts-check
/** Messages announced to screen readers. */
import { formatPercent, whole } from "./format.js";
import { gettext, interpolate, ngettext } from "./gettext.js";
import { PRODUCT_IMAGES, variant } from "./messages.js";
import { withCount, withNames } from "./phrases.js";

/**
 * @param {number} count
 * @param {number} total
 */
export const added = (count, total) =>
  interpolate(
    ngettext("%(count)s image added, %(total)s in all.", "%(count)s images added, %(total)s in all.", count),
    { count: whole.format(count), total: whole.format(total) },
  );
/** @param {string[]} names */
export const uploaded = (names) =>
  names.length > 3
    ? withCount(names.length, ngettext("%(count)s image uploaded.", "%(count)s images uploaded.", names.length))
    : withNames(names, ngettext("%(names)s uploaded.", "%(names)s uploaded.", names.length));
/**
 * @param {string} name
 * @param {string} message
 */
export const failed = (name, message) => interpolate(gettext("%(name)s: %(message)s"), { name, message });
/** @param {string[]} names */
export const removed = (names) =>
  names.length > 3
    ? withCount(names.length, ngettext("%(count)s image removed.", "%(count)s images removed.", names.length))
    : withNames(names, ngettext("%(names)s removed.", "%(names)s removed.", names.length));
/** @param {string[]} names */
export const restored = (names) =>
  withNames(names, ngettext("%(names)s restored.", "%(names)s restored.", names.length));
/** @param {number} ratio */
export const reached = (ratio) => interpolate(gettext("%(percent)s uploaded."), { percent: formatPercent(ratio) });
/** @type {Record<string, string>} by the card's new state */
const MOVED = {
  "": gettext("%(name)s moved from %(from)s to %(to)s of %(count)s."),
  primary: gettext("%(name)s moved from %(from)s to %(to)s of %(count)s, now primary."),
  cover: gettext("%(name)s moved from %(from)s to %(to)s of %(count)s, now cover."),
};
/**
 * @param {string} name
 * @param {number} from position from 1
 * @param {number} to position from 1
 * @param {number} count
 * @param {""|"primary"|"cover"} role its new role
 */
export const moved = (name, from, to, count, role) =>
  interpolate(MOVED[role], { name, from: whole.format(from), to: whole.format(to), count: whole.format(count) });
/** @type {Record<string, string>} by the card's new state */
const MOVED_TO_PRODUCT = {
  "": gettext("%(name)s moved to the product images."),
  primary: gettext("%(name)s moved to the product images, now primary."),
};
/** @type {Record<string, string>} by the card's new state */
const MOVED_TO_VARIANT = {
  "": gettext("%(name)s moved to %(list)s."),
  cover: gettext("%(name)s moved to %(list)s, now cover."),
};
/**
 * @param {string} name
 * @param {string|null} label of the variant; null for the product images
 * @param {""|"primary"|"cover"} role its new role
 */
export const movedTo = (name, label, role) =>
  label === null
    ? interpolate(MOVED_TO_PRODUCT[role], { name })
    : interpolate(MOVED_TO_VARIANT[role], { name, list: variant(label) });
/**
 * @param {number} count
 * @param {string|null} label of the variant; null for the product images
 * @param {number} place position of the first, from 1
 * @param {number} total
 */
export const movedTogether = (count, label, place, total) =>
  interpolate(
    label === null
      ? ngettext(
          "%(count)s image moved to %(place)s of %(total)s.",
          "%(count)s images moved, now from %(place)s of %(total)s.",
          count,
        )
      : ngettext("%(count)s image moved to %(list)s.", "%(count)s images moved to %(list)s.", count),
    {
      count: whole.format(count),
      list: label === null ? PRODUCT_IMAGES : variant(label),
      place: whole.format(place),
      total: whole.format(total),
    },
  );
/**
 * @param {string} name of a single image; empty for several
 * @param {number} count
 */
export const justMoved = (name, count) =>
  name
    ? interpolate(gettext("%(name)s moved."), { name })
    : withCount(count, ngettext("%(count)s image moved.", "%(count)s images moved.", count));
/** @type {Record<string, string>} by what was undone */
export const UNDONE = {
  move: gettext("Move undone."),
  sort: gettext("Sort undone."),
  variant: gettext("Variant restored."),
};
export const ORDER_CHANGED = gettext("Order changed in another tab.");
export const MOVE_CANCELLED = gettext("Move cancelled.");
/** @param {number} uploads */
export const backOnline = (uploads) =>
  uploads > 0
    ? withCount(
        uploads,
        ngettext("Back online. %(count)s upload resumed.", "Back online. %(count)s uploads resumed.", uploads),
      )
    : gettext("Back online.");
/** @param {number} count */
export const resumed = (count) =>
  withCount(count, ngettext("%(count)s upload resumed.", "%(count)s uploads resumed.", count));
/**
 * @param {string} label
 * @param {number} count
 */
export const rowRemoved = (label, count) =>
  interpolate(
    count === 0
      ? gettext("%(list)s removed.")
      : ngettext(
          "%(list)s removed. %(count)s image moved to the product images.",
          "%(list)s removed. %(count)s images moved to the product images.",
          count,
        ),
    { list: variant(label), count: whole.format(count) },
  );
