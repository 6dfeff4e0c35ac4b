// @ts-check
/**
 * The messages of the dialog as complete sentences: variable parts are named placeholders, and counts have plural forms
 * (`tests/catalogs` finds every message and its translations).
 */
import {
  facts,
  formatDuration,
  formatMoment,
  formatPercent,
  formatSize,
  formatSizeOf,
  formatTimeOfDay,
  whole,
} from "./format.js";
import { gettext, interpolate, isolate, ngettext } from "./gettext.js";
import { withCount } from "./phrases.js";

/** @type {Record<string, string>} the common names; both types of iPhone photos share one */
const TYPE_NAMES = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "image/avif": "AVIF",
  "image/heic": "HEIC",
  "image/heif": "HEIC",
};

// The dialog --------------------------------------------------------------------------------------

export const TITLE = gettext("Manage files");
export const OPEN = gettext("Upload Product Images");
export const ADD = gettext("Add images");
export const ADD_FOLDER = gettext("Choose a folder");
export const TAKE_PHOTO = gettext("Take a photo");
export const CLOSE = gettext("Close");
export const BACK = gettext("Back to product");
export const DISCARD_ALL = gettext("Discard all");
export const DISMISS = gettext("Dismiss");
export const UNDO = gettext("Undo");
export const PRODUCT_IMAGES = gettext("Product images");
export const REMOVED = gettext("Removed");
export const REMOVED_HINT = gettext("These images are not saved with the product.");
export const EMPTY_TITLE = gettext("Drop images here");
export const EMPTY_TITLE_TOUCH = gettext("Choose photos or take one");
export const CONNECTING = gettext("Connecting…");
export const TOTAL = gettext("All uploads");
/**
 * @param {number} count
 * @param {number} uploading
 */
export const openCount = (count, uploading) =>
  uploading > 0
    ? interpolate(gettext("(%(count)s, %(uploading)s uploading)"), {
        count: whole.format(count),
        uploading: whole.format(uploading),
      })
    : `(${whole.format(count)})`;
/** @param {{content_types: string[], max_file_bytes: number}} limits */
export const accepted = ({ content_types, max_file_bytes }) =>
  interpolate(gettext("%(types)s up to %(size)s each."), {
    types: facts.format([...new Set(content_types.map((type) => isolate(TYPE_NAMES[type] ?? type)))]),
    size: formatSize(max_file_bytes),
  });
export const DROP_ANYWHERE = gettext("or drop them anywhere on this page.");
export const ORDER_HINT = gettext("Drag to reorder; the first is the primary image.");
/** @param {number} maxFiles */
export const emptyHint = (maxFiles) =>
  withCount(
    maxFiles,
    ngettext(
      "The first becomes the primary image. Up to %(count)s image.",
      "The first becomes the primary image. Up to %(count)s images.",
      maxFiles,
    ),
  );
/** @param {string} label name of a variant's list */
export const variant = (label) =>
  label.trim()
    ? interpolate(gettext("Variant “%(label)s”"), { label: label.trim() })
    : gettext("Variant without a name");
/** @param {string} label */
export const variantEmpty = (label) =>
  label.trim()
    ? interpolate(gettext("Drop or move images here; the first is the cover of “%(label)s”."), { label: label.trim() })
    : gettext("Drop or move images here; the first is the cover of this variant.");
/** @param {string} label */
export const addTo = (label) => interpolate(gettext("Add images to %(list)s"), { list: variant(label) });
/** @param {number} graceSeconds */
export const notSaved = (graceSeconds) =>
  interpolate(gettext("Not saved yet. If you leave, we keep this for %(time)s."), {
    time: formatDuration(graceSeconds),
  });
/** @param {number} until milliseconds since the epoch */
export const notSavedUntil = (until) =>
  interpolate(gettext("Not saved yet. If you leave, we keep this until %(time)s."), { time: formatMoment(until) });
/** @param {number} hours */
export const keepFor = (hours) =>
  withCount(hours, ngettext("Keep for %(count)s hour", "Keep for %(count)s hours", hours));
export const NOT_KEPT = gettext("That didn't work. Try again.");

// Connection --------------------------------------------------------------------------------------

/** @param {number} tabs */
export const live = (tabs) =>
  tabs > 1 ? withCount(tabs, ngettext("Live in %(count)s tab", "Live in %(count)s tabs", tabs)) : gettext("Live");
/** @param {number} since milliseconds since the epoch */
export const offlineSince = (since) => interpolate(gettext("Offline since %(time)s"), { time: formatTimeOfDay(since) });
/** @type {Record<string, string>} */
export const CONNECTION = {
  connecting: CONNECTING,
  limited: gettext("Limited mode"),
  reconnecting: gettext("Reconnecting…"),
  signed_out: gettext("Signed out"),
  not_allowed: gettext("No access"),
  not_found: gettext("Not found"),
  outdated: gettext("Out of date"),
  committed: gettext("Saved"),
  discarded: gettext("Discarded"),
  expired: gettext("Expired"),
};
export const TRY_NOW = gettext("Try now");
export const SIGN_IN = gettext("Sign in");
export const OPEN_PRODUCT = gettext("Open product");
export const RELOAD = gettext("Reload");
export const START_AGAIN = gettext("Start again");
export const COPY_TO_NEW = gettext("Copy to a new product");
export const TRY_AGAIN = gettext("Try again");
/** Why no new draft could be opened. */
export const NewDraftError = Object.freeze({ FAILED: "failed", SIGNED_OUT: "signed_out" });
export const NEW_DRAFT_FAILED = gettext("Could not start a new draft.");
/** @type {Record<string, string>} */
export const NEW_DRAFT_ADVICE = { failed: gettext("Try again."), signed_out: gettext("Sign in, then try again.") };
/** @param {number|null} until milliseconds since the epoch */
export const nothingLost = (until) =>
  until === null
    ? gettext("Nothing is lost: uploads go on by themselves.")
    : interpolate(gettext("Nothing is lost: your images are kept until about %(time)s."), {
        time: formatMoment(until),
      });
/** @param {number} until milliseconds since the epoch */
export const signedOutUntil = (until) =>
  interpolate(gettext("Your images are kept until about %(time)s. Sign in to continue."), {
    time: formatMoment(until),
  });
/** @type {Record<string, [string, string]>} title and text of the banner */
export const BANNER = {
  limited: [
    gettext("Live updates aren't available."),
    gettext("Uploads still work. Other tabs update every few seconds."),
  ],
  reconnecting: [gettext("Reconnecting."), ""],
  offline: [gettext("Offline."), ""],
  signed_out: [gettext("You're signed out."), gettext("Sign in to continue.")],
  not_allowed: [gettext("No permission."), gettext("You may not change these images. Ask an administrator.")],
  outdated: [gettext("This page is out of date."), gettext("Reload it to continue. Your text is kept.")],
  not_found: [gettext("There is no such draft."), gettext("Start a new product.")],
  committed: [gettext("This product was saved in another tab."), gettext("Nothing can be changed here any more.")],
  discarded: ["", gettext("Start again to add images.")],
  expired: [gettext("This product wasn't saved in time."), ""],
};
/** @type {Record<string, [string, string]>} title and text of the banner, by the server's problem */
export const SERVER_PROBLEM = {
  no_heartbeat: [
    gettext("The server isn't fully running."),
    gettext("Uploads can't finish until that's fixed. Tell your administrator: the background work isn't running."),
  ],
  origin_refused: [
    gettext("Live updates aren't set up for this address."),
    gettext("Uploads still work. Tell your administrator: this site's address isn't allowed for live connections."),
  ],
  no_layer: [
    gettext("Live updates aren't working on the server."),
    gettext("Uploads still work. Tell your administrator: the message service isn't answering."),
  ],
};
export const PERHAPS_EXPIRED = gettext("The images may have expired by now.");
/**
 * @param {string} by the user, or empty
 */
export const discardedBy = (by) =>
  by ? interpolate(gettext("%(user)s discarded this draft."), { user: by }) : gettext("This draft was discarded.");
/**
 * @param {string} by the user, or empty
 */
export const deletedBy = (by) =>
  by ? interpolate(gettext("%(user)s deleted this product."), { user: by }) : gettext("This product was deleted.");
export const DELETED_DETAIL = gettext("Your text is still here.");

// Cards -------------------------------------------------------------------------------------------

export const PRIMARY = gettext("Primary");
export const COVER = gettext("Cover");
/** @param {number} place index from 0 */
export const place = (place) => whole.format(place + 1);
/** @param {number} ahead */
export const waiting = (ahead) =>
  ahead > 0
    ? withCount(ahead, ngettext("Waiting (%(count)s ahead)", "Waiting (%(count)s ahead)", ahead))
    : gettext("Waiting");
/**
 * @param {number} part bytes
 * @param {number} total bytes
 */
export const uploading = (part, total) => `${formatPercent(part / total)} · ${formatSizeOf(part, total)}`;
/**
 * @param {number} ratio
 * @param {boolean} held
 */
export const paused = (ratio, held) =>
  held
    ? interpolate(gettext("Paused at %(percent)s"), { percent: formatPercent(ratio) })
    : gettext("Paused in another tab");
export const ELSEWHERE = gettext("Uploading in another tab");
export const INTERRUPTED = gettext("Interrupted. Choose it again to continue.");
export const PROCESSING = gettext("Checking image…");
/**
 * @param {number} attempt
 * @param {number} of
 */
export const retrying = (attempt, of) =>
  interpolate(gettext("Trying again (%(attempt)s of %(of)s)"), {
    attempt: whole.format(attempt),
    of: whole.format(of),
  });
export const STALLED = gettext("Connected, but nothing moves");
/** @param {number} count */
export const retryAll = (count) =>
  withCount(count, ngettext("Retry %(count)s failed image", "Retry all %(count)s failed", count));
export const BEING_REPLACED = gettext("Replaced as soon as the new one is stored");
/** @param {string} name */
export const moreFor = (name) => interpolate(gettext("More actions for %(name)s"), { name });
/** @param {string} name */
export const remove = (name) => interpolate(gettext("Remove %(name)s"), { name });
/** @param {string} name */
export const restore = (name) => interpolate(gettext("Restore %(name)s"), { name });
/** @param {string} name */
export const purge = (name) => interpolate(gettext("Delete %(name)s for good"), { name });
/** @param {string} name */
export const uploadOf = (name) => interpolate(gettext("Upload of %(name)s"), { name });
/** @param {string} name */
export const select = (name) => interpolate(gettext("Select %(name)s"), { name });
export const RESTORE = gettext("Restore");
export const PURGE = gettext("Delete for good");
export const RETRY = gettext("Retry");
export const CHOOSE_AGAIN = gettext("Choose again");
export const MOVE_FIRST = gettext("Move to first");
export const MOVE_EARLIER = gettext("Move earlier");
export const MOVE_LATER = gettext("Move later");
export const MOVE_LAST = gettext("Move to last");
export const MOVE_TO_PRODUCT = gettext("Move to product images");
export const LOOK = gettext("Look closer");
export const ALT_TEXT = gettext("Alternative text…");
export const REPLACE = gettext("Replace…");
export const SELECT = gettext("Select");
export const SORT = gettext("Sort");
export const PUT_BACK = gettext("Put back");
/** @param {string|null} label of the variant; null for the product images */
export const sortList = (label) =>
  interpolate(gettext("Sort %(list)s"), { list: label === null ? PRODUCT_IMAGES : variant(label) });
/** @param {string} label */
export const moveToVariant = (label) => interpolate(gettext("Move to %(list)s"), { list: variant(label) });

// Adding ------------------------------------------------------------------------------------------

// The refusals match the server's (uploads/core/limits.py): one sentence per rule.

/**
 * @param {string} time
 * @param {string} extension
 */
export const pastedName = (time, extension) =>
  `${interpolate(gettext("Pasted image %(time)s"), { time })}.${extension}`;
/**
 * @param {string} time
 * @param {string} extension
 */
export const photoName = (time, extension) => `${interpolate(gettext("Photo %(time)s"), { time })}.${extension}`;
/**
 * @param {number} count 0 if the browser does not say
 * @param {string|null} label of the variant; null for the product images
 */
export function drop(count, label) {
  if (label === null)
    return count > 0 ? withCount(count, dropOnProduct(count)) : gettext("Drop to add to the product images");
  const sentence = count > 0 ? dropOnVariant(count) : gettext("Drop to add to %(list)s");
  return interpolate(sentence, { count: whole.format(count), list: variant(label) });
}
/** @param {number} count */
const dropOnVariant = (count) =>
  ngettext("Drop %(count)s image to add to %(list)s", "Drop %(count)s images to add to %(list)s", count);
/** @param {number} count */
const dropOnProduct = (count) =>
  ngettext(
    "Drop %(count)s image to add to the product images",
    "Drop %(count)s images to add to the product images",
    count,
  );
/** @param {string} name */
export const dropReplace = (name) => interpolate(gettext("Replace %(name)s"), { name });
export const DROP_REPLACE_DETAIL = gettext("The old image goes to the removed ones.");
/** @param {number} refused */
export const dropRefused = (refused) =>
  withCount(
    refused,
    ngettext("%(count)s file is not a supported image", "%(count)s files are not supported images", refused),
  );

// Progress ----------------------------------------------------------------------------------------

/**
 * @param {number} stored
 * @param {number} total
 */
export const storedOf = (stored, total) =>
  interpolate(ngettext("%(stored)s of %(total)s stored", "%(stored)s of %(total)s stored", total), {
    stored: whole.format(stored),
    total: whole.format(total),
  });
/** @param {number} count */
export const allStored = (count) =>
  withCount(count, ngettext("%(count)s image stored", "%(count)s images stored", count));
/** @param {number} count */
export const failedCount = (count) => withCount(count, ngettext("%(count)s failed", "%(count)s failed", count));
/** @param {number} count */
export const interruptedCount = (count) =>
  withCount(count, ngettext("%(count)s interrupted", "%(count)s interrupted", count));
export const PAUSED = gettext("Paused");
export const NO_IMAGES = gettext("No images yet");

// Questions ---------------------------------------------------------------------------------------

export const KEEP_EDITING = gettext("Keep editing");
export const DISCARD = gettext("Discard");
export const CANCEL = gettext("Cancel");
export const SAVE = gettext("Save");
export const WAIT_AND_SAVE = gettext("Wait and save");
export const WAITING_TO_SAVE = gettext("Saving as soon as all images are stored…");
export const CANNOT_BE_UNDONE = gettext("This cannot be undone.");
export const RESTORE_ALL = gettext("Restore all");
export const EMPTY_REMOVED = gettext("Empty");
/** @param {number} count */
export const emptyQuestion = (count) =>
  withCount(
    count,
    ngettext("Permanently delete %(count)s removed image?", "Permanently delete %(count)s removed images?", count),
  );
export const DELETE_PERMANENTLY = gettext("Delete permanently");
/** @param {number} count */
export const unfinishedTitle = (count) =>
  withCount(count, ngettext("%(count)s image is not stored yet", "%(count)s images are not stored yet", count));
/** @param {number} count */
export const unfinishedDetail = (count) =>
  ngettext("Wait for it, or save the product without it.", "Wait for them, or save the product without them.", count);
export const WAITING_DETAIL = gettext("You need not do anything. Keep this page open.");
/** @param {number} count */
export const stuckDetail = (count) =>
  withCount(
    count,
    ngettext(
      "%(count)s image was interrupted and is sent by no tab. Choose it again, or save without it.",
      "%(count)s images were interrupted and are sent by no tab. Choose them again, or save without them.",
      count,
    ),
  );
/** @param {number} count */
export const saveWithout = (count) =>
  withCount(count, ngettext("Save without the %(count)s unfinished", "Save without the %(count)s unfinished", count));
