// @ts-check
/** Messages about images that expired, were deleted, or can be restored from this browser. */
import { gettext, interpolate, ngettext } from "./gettext.js";
import { quotedNames, withCount } from "./phrases.js";

export const RESTORE_IMAGES = gettext("Restore images");
/** @param {string[]} names */
export const lost = (names) => interpolate(gettext("Deleted: %(names)s."), { names: quotedNames(names) });
/** @param {number} count */
export const expired = (count) =>
  withCount(
    count,
    ngettext(
      "%(count)s image expired because the product wasn't saved in time.",
      "%(count)s images expired because the product wasn't saved in time.",
      count,
    ),
  );
/**
 * @param {string[]} held
 * @param {string[]} gone
 */
export const stillHeld = (held, gone) =>
  [
    ...(held.length > 0
      ? [
          withCount(
            held.length,
            ngettext(
              "%(count)s can be restored from this browser.",
              "%(count)s can be restored from this browser.",
              held.length,
            ),
          ),
        ]
      : []),
    ...(gone.length > 0 ? [lost(gone)] : []),
  ].join(" ");
/** @param {number} count */
export const againTitle = (count) =>
  withCount(
    count,
    ngettext("%(count)s image waits to be uploaded again.", "%(count)s images wait to be uploaded again.", count),
  );
/** @param {string[]} names */
export const again = (names) =>
  interpolate(
    ngettext(
      "%(names)s goes into the new draft as soon as the connection is back.",
      "%(names)s go into the new draft as soon as the connection is back.",
      names.length,
    ),
    { names: quotedNames(names) },
  );
/** @param {number} count */
export const noRoomTitle = (count) =>
  withCount(
    count,
    ngettext(
      "No room in this browser for a copy of %(count)s image.",
      "No room in this browser for a copy of %(count)s images.",
      count,
    ),
  );
/** @param {string[]} names */
export const noRoom = (names) =>
  interpolate(
    ngettext(
      "%(names)s uploads as usual. Until that is done, keep this page open.",
      "%(names)s upload as usual. Until that is done, keep this page open.",
      names.length,
    ),
    { names: quotedNames(names) },
  );
/** @param {number} count */
export const expiredCount = (count) =>
  withCount(count, ngettext("%(count)s image expired", "%(count)s images expired", count));
/** @param {number} count */
export const deletedCount = (count) =>
  withCount(count, ngettext("%(count)s image deleted", "%(count)s images deleted", count));
export const CAN_BE_RESTORED = gettext("Can be restored");
export const DELETED = gettext("Deleted");
