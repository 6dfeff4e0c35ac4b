// @ts-check
/** Messages shown and announced while cards are selected. */
import { whole } from "./format.js";
import { gettext, interpolate, ngettext } from "./gettext.js";

export const SELECTION = gettext("Selected images");
export const NOTHING_SELECTED = gettext("Nothing selected.");
export const MOVE_TO = gettext("Move to…");
export const REMOVE = gettext("Remove");
export const CLEAR = gettext("Clear");

/** @param {number} count */
export const selected = (count) =>
  interpolate(ngettext("%(count)s selected", "%(count)s selected", count), { count: whole.format(count) });

/** @param {number} count */
export const announceSelected = (count) =>
  count === 0
    ? NOTHING_SELECTED
    : interpolate(ngettext("%(count)s image selected.", "%(count)s images selected.", count), {
        count: whole.format(count),
      });
