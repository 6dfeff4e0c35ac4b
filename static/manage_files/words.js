// @ts-check
/**
 * Every sentence the user sees or hears, in one place, whole: what changes in it has a named place, and what is
 * counted has its plural forms (`tests/catalogs` finds each of them and its translations).
 */

import { duration, facts, list, percent, size, sizeOf, timeOfDay, whole } from "./amounts.js";
import { gettext, interpolate, ngettext } from "./translate.js";

/** @import { LimitsInfo } from "./protocol.js" */

/** A sentence names no more of the lost images than somebody would read. */
const MAX_LOST_NAMES = 8;
/** Of many refused files the first show which ones are meant. */
const FEW_NAMES = 2;

/** @type {Record<string, string>} */
const TYPE_NAMES = { "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/avif": "AVIF" };

// The window --------------------------------------------------------------------------------------

export const TITLE = gettext("Manage files");
export const OPEN = gettext("Upload Product Images");
export const ADD = gettext("Add images");
export const ADD_FOLDER = gettext("Choose a folder");
export const TAKE_PHOTO = gettext("Take a photo");
export const CLOSE = gettext("Close");
export const BACK = gettext("Back to product");
export const DISCARD_ALL = gettext("Discard all");
export const DISMISS = gettext("Dismiss");
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
export const openCount = (count, uploading) => (uploading > 0
  ? interpolate(gettext("(%(count)s, %(uploading)s uploading)"), { count: whole.format(count), uploading: whole.format(uploading) })
  : `(${whole.format(count)})`);

/** @param {{content_types: string[], max_file_bytes: number}} limits */
export const accepted = ({ content_types, max_file_bytes }) => interpolate(gettext("%(types)s up to %(size)s each."), {
  types: facts.format(content_types.map((type) => TYPE_NAMES[type] ?? type)),
  size: size(max_file_bytes),
});

export const DROP_ANYWHERE = gettext("or drop them anywhere on this page.");
export const ORDER_HINT = gettext("Drag to reorder; the first is the primary image.");

/** @param {number} maxFiles */
export const emptyHint = (maxFiles) => counted(maxFiles,
  ngettext("The first becomes the primary image. Up to %(count)s image.", "The first becomes the primary image. Up to %(count)s images.", maxFiles));

/** @param {string} label what a list of a variant is called */
export const variant = (label) => (label.trim()
  ? interpolate(gettext("Variant “%(label)s”"), { label: label.trim() })
  : gettext("Variant without a name"));

/** @param {string} label */
export const variantEmpty = (label) => (label.trim()
  ? interpolate(gettext("Drop or move images here; the first is the cover of “%(label)s”."), { label: label.trim() })
  : gettext("Drop or move images here; the first is the cover of this variant."));

/** @param {string} label */
export const addTo = (label) => interpolate(gettext("Add images to %(list)s"), { list: variant(label) });

/** @param {number} graceSeconds */
export const notSaved = (graceSeconds) => interpolate(
  gettext("Not saved yet. If you leave, these images are kept for %(time)s, then removed."), { time: duration(graceSeconds) });
/** @param {number} graceSeconds */
export const nothingToSave = (graceSeconds) => interpolate(
  gettext("Changes here wait for the product to be saved. If you leave, they are kept for %(time)s."), { time: duration(graceSeconds) });

// Connection --------------------------------------------------------------------------------------

/** @param {number} tabs */
export const live = (tabs) => (tabs > 1 ? counted(tabs, ngettext("Live in %(count)s tab", "Live in %(count)s tabs", tabs)) : gettext("Live"));

/** @param {number} since milliseconds since the epoch */
export const offlineSince = (since) => interpolate(gettext("Offline since %(time)s"), { time: timeOfDay(since) });

/** @type {Record<string, string>} */
export const CONNECTION = {
  connecting: CONNECTING,
  limited: gettext("Limited mode"),
  reconnecting: gettext("Reconnecting…"),
  signed_out: gettext("Signed out"),
  not_allowed: gettext("No access"),
  not_found: gettext("Not found"),
  committed: gettext("Saved"),
  discarded: gettext("Discarded"),
  expired: gettext("Expired"),
};

export const TRY_NOW = gettext("Try now");
export const SIGN_IN = gettext("Sign in");
export const OPEN_PRODUCT = gettext("Open product");
export const START_AGAIN = gettext("Start again");
export const UPLOAD_AGAIN = gettext("Upload again");
export const TRY_AGAIN = gettext("Try again");
export const NO_DRAFT = gettext("Could not start a new draft.");
/** @type {Record<string, string>} */
export const NO_DRAFT_ADVICE = { failed: gettext("Try again."), signed_out: gettext("Sign in, then try again.") };

/** @param {number|null} until milliseconds since the epoch */
export const nothingLost = (until) => (until === null
  ? gettext("Nothing is lost: uploads go on by themselves.")
  : interpolate(gettext("Nothing is lost: your images are kept until about %(time)s."), { time: timeOfDay(until) }));

/** @type {Record<string, [string, string]>} title and sentence of the banner */
export const BANNER = {
  limited: [
    gettext("Limited mode:"),
    gettext("your network blocks live connections. Uploads work; other tabs update every few seconds."),
  ],
  reconnecting: [gettext("Reconnecting."), ""],
  offline: [gettext("Offline."), ""],
  signed_out: [gettext("You are signed out."), gettext("Sign in again to continue; your images are kept meanwhile.")],
  not_allowed: [gettext("No permission."), gettext("You may not change these images. Ask an administrator.")],
  not_found: [gettext("There is no such draft."), gettext("Start a new product.")],
  committed: [gettext("This product was saved in another tab."), gettext("Nothing can be changed here any more.")],
  discarded: ["", gettext("Start again to add images.")],
  expired: [gettext("This draft was not saved in time and was removed."), ""],
};

/**
 * @param {string} by the user, or empty
 */
export const discardedBy = (by) => (by
  ? interpolate(gettext("%(user)s discarded this draft."), { user: by })
  : gettext("This draft was discarded."));

/** @param {string[]} names */
export const lost = (names) => interpolate(gettext("Lost: %(names)s."), { names: listed(names) });

/** @param {number} count */
export const expired = (count) => counted(count, ngettext("%(count)s image expired.", "%(count)s images expired.", count));
/**
 * @param {string[]} held
 * @param {string[]} gone
 */
export const stillHeld = (held, gone) => [
  ...(held.length > 0 ? [interpolate(gettext("Still in this browser: %(names)s."), { names: listed(held) })] : []),
  ...(gone.length > 0 ? [lost(gone)] : []),
].join(" ");

// Files kept in this browser ----------------------------------------------------------------------

/** @param {number} count */
export const againTitle = (count) => counted(count,
  ngettext("%(count)s image waits to be uploaded again.", "%(count)s images wait to be uploaded again.", count));
/** @param {string[]} names */
export const again = (names) => interpolate(ngettext(
  "%(names)s goes into the new draft as soon as the connection is back.",
  "%(names)s go into the new draft as soon as the connection is back.",
  names.length), { names: listed(names) });

/** @param {number} count */
export const noRoomTitle = (count) => counted(count, ngettext(
  "No room in this browser for a copy of %(count)s image.", "No room in this browser for a copy of %(count)s images.", count));
/** @param {string[]} names */
export const noRoom = (names) => interpolate(ngettext(
  "%(names)s uploads as usual. Until that is done, keep this page open.",
  "%(names)s upload as usual. Until that is done, keep this page open.",
  names.length), { names: listed(names) });

// Cards -------------------------------------------------------------------------------------------

export const PRIMARY = gettext("Primary");
export const COVER = gettext("Cover");

/** @param {number} place from 0 */
export const place = (place) => whole.format(place + 1);

/** @param {number} ahead */
export const waiting = (ahead) => (ahead > 0
  ? counted(ahead, ngettext("Waiting (%(count)s ahead)", "Waiting (%(count)s ahead)", ahead))
  : gettext("Waiting"));

/**
 * @param {number} part bytes
 * @param {number} total bytes
 */
export const uploading = (part, total) => `${percent(part / total)} · ${sizeOf(part, total)}`;

/**
 * @param {number} ratio
 * @param {boolean} held
 */
export const paused = (ratio, held) => (held
  ? interpolate(gettext("Paused at %(percent)s"), { percent: percent(ratio) })
  : gettext("Paused in another tab"));

export const ELSEWHERE = gettext("Uploading in another tab");
export const INTERRUPTED = gettext("Interrupted. Choose it again to continue.");
export const PROCESSING = gettext("Checking image…");
/**
 * @param {number} attempt
 * @param {number} of
 */
export const retrying = (attempt, of) => interpolate(gettext("Trying again (%(attempt)s of %(of)s)"),
  { attempt: whole.format(attempt), of: whole.format(of) });
export const STALLED = gettext("Connected, but nothing moves");
/** @param {number} count */
export const retryAll = (count) => counted(count, ngettext("Retry %(count)s failed image", "Retry all %(count)s failed", count));
export const BEING_REPLACED = gettext("Replaced as soon as the new one is stored");
export const UNREADABLE = gettext("The file can no longer be read from your disk. Choose it again.");

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
export const ALT_TEXT = gettext("Alternative text…");
export const REPLACE = gettext("Replace…");
export const SELECT = gettext("Select");
export const SORT = gettext("Sort");
export const PUT_BACK = gettext("Put back");
/** @param {string|null} label of the variant; null for the product images */
export const sortList = (label) => interpolate(gettext("Sort %(list)s"), { list: label === null ? PRODUCT_IMAGES : variant(label) });
/** @param {string} label */
export const moveToVariant = (label) => interpolate(gettext("Move to %(list)s"), { list: variant(label) });

// Adding ------------------------------------------------------------------------------------------
// The refusals read like the server's (uploads/core/limits.py): the same rule, the same sentence.

/** @param {string} name */
export const emptyFile = (name) => interpolate(gettext("“%(name)s” is empty. Choose another file."), { name });
/** @param {string} name */
export const unsupported = (name) => interpolate(gettext("“%(name)s” is not a supported image. Use JPEG, PNG or WebP."), { name });
/**
 * @param {string} name
 * @param {number} bytes
 * @param {number} limit
 */
export const tooLarge = (name, bytes, limit) => interpolate(gettext("“%(name)s” is %(size)s. The limit is %(limit)s."),
  { name, size: size(Math.ceil(bytes / 1e5) * 1e5), limit: size(limit) });
/**
 * @param {string} name
 * @param {number} limit
 */
export const tooMany = (name, limit) => interpolate(
  ngettext("“%(name)s” was not added. The limit is %(count)s image.", "“%(name)s” was not added. The limit is %(count)s images.", limit),
  { name, count: whole.format(limit) });
/**
 * @param {string} name
 * @param {number} limit
 */
export const draftFull = (name, limit) => interpolate(
  gettext("“%(name)s” was not added. All images together may have %(limit)s."), { name, limit: size(limit) });
/** @param {string} name */
export const heic = (name) => interpolate(gettext(
  "“%(name)s” is an HEIC photo, which is not supported. Export it as JPEG; iPhones take JPEG with Settings, Camera, Formats, “Most Compatible”."),
{ name });
/** @param {string} name */
export const emptyFolder = (name) => interpolate(gettext("“%(name)s” is a folder without images."), { name });
export const NOT_LOADED = gettext("This needs the connection. Try again when it is back.");
/** @param {number} taken */
export const tooManyInFolders = (taken) => counted(taken, ngettext(
  "These folders hold too many files. Only the first %(count)s was looked at.",
  "These folders hold too many files. Only the first %(count)s were looked at.", taken));
/** @param {string[]} names */
export const manyEmpty = (names) => few(names, gettext("%(names)s are empty. Choose other files."));
/** @param {string[]} names */
export const manyUnsupported = (names) => few(names, gettext("%(names)s are not supported images. Use JPEG, PNG or WebP."));
/** @param {string[]} names */
export const manyTooLarge = (names) => few(names, gettext("%(names)s are too large."));
/** @param {string[]} names */
export const manyTooMany = (names) => few(names, gettext("%(names)s were not added. There are as many images as there can be."));
/** @param {number} count */
export const smallerCopies = (count) => ngettext("Upload a smaller copy", "Upload smaller copies", count);
export const SMALLER_COPY = smallerCopies(1);
/** @param {string} name */
export const makingSmaller = (name) => interpolate(gettext("Making a smaller copy of “%(name)s”…"), { name });
/** @param {string} name */
export const noSmallerCopy = (name) => interpolate(
  gettext("This browser cannot make a smaller copy of “%(name)s”. Make one in another program and add it."), { name });
/**
 * @param {string} name
 * @param {number} bytes
 * @param {number} before bytes of the original
 * @param {number} width pixels
 * @param {number} height pixels
 */
export const smallerCopy = (name, bytes, before, width, height) => interpolate(
  gettext("Smaller copy of “%(name)s”: %(size)s instead of %(before)s, %(width)s × %(height)s."),
  { name, size: size(bytes), before: size(before), width: whole.format(width), height: whole.format(height) });
export const SKIP = gettext("Skip");
export const KEEP_BOTH = gettext("Keep both");
export const SKIP_ALL = gettext("Skip all");
export const KEEP_ALL = gettext("Keep all");
/** @param {number} count */
export const twinsTitle = (count) => counted(count, ngettext("%(count)s image is here already", "%(count)s images are here already", count));
/**
 * @param {string} name
 * @param {string} picture
 */
export const twin = (name, picture) => interpolate(gettext("“%(name)s”: same picture as %(picture)s"), { name, picture });
/**
 * @param {number} place from 0
 * @param {string} name
 * @param {string|null} label of the variant it belongs to; null: it is a product image
 */
export const pictureAt = (place, name, label) => interpolate(
  label === null ? gettext("%(place)s: %(name)s") : gettext("%(place)s: %(name)s of %(list)s"),
  { place: whole.format(place + 1), name, list: variant(label ?? "") });
/** @param {number} count */
export const skipped = (count) => counted(count, ngettext("%(count)s image skipped.", "%(count)s images skipped.", count));
/**
 * @param {string} time
 * @param {string} extension
 */
export const pastedName = (time, extension) => `${interpolate(gettext("Pasted image %(time)s"), { time })}.${extension}`;
/**
 * @param {string} time
 * @param {string} extension
 */
export const photoName = (time, extension) => `${interpolate(gettext("Photo %(time)s"), { time })}.${extension}`;

/** @type {Record<string, (name: string, bytes: number, limits: LimitsInfo) => string>} */
const REFUSED_FILE = {
  empty_file: emptyFile,
  unsupported_type: unsupported,
  too_large: (name, bytes, { max_file_bytes }) => tooLarge(name, bytes, max_file_bytes),
  too_many_files: (name, _, { max_files }) => tooMany(name, max_files),
  draft_full: (name, _, { max_draft_bytes }) => draftFull(name, max_draft_bytes),
};

/**
 * What the server refused, in the language of the page. Its sentence is one of the catalog's; the one about a file that
 * was not taken is made here, with the numbers written as they are on this page.
 * @param {{code: string, message: string}} refusal
 * @param {{name: string, size: number}} [file] that was not taken
 * @param {LimitsInfo|null} [limits]
 */
export function refused({ code, message }, file, limits) {
  if (file && limits && REFUSED_FILE[code]) return REFUSED_FILE[code](file.name, file.size, limits);
  // What a page sent that is older than its server, the server answers to programmers.
  return code === "bad_message" ? gettext("The server did not understand this message. Reload the page.") : gettext(message);
}

/**
 * @param {string} name
 * @param {string} message
 */
export const problem = (name, message) => (message.includes(name)
  ? message
  : interpolate(gettext("“%(name)s”: %(message)s"), { name, message }));

/**
 * @param {number} files that were not added
 * @param {number} changes that were not made
 */
export const problemsTitle = (files, changes) => facts.format([
  ...(files > 0 ? [counted(files, ngettext("%(count)s file was not added", "%(count)s files were not added", files))] : []),
  ...(changes > 0 ? [counted(changes, ngettext("%(count)s change was not made", "%(count)s changes were not made", changes))] : []),
]);

/**
 * @param {number} count 0 when the browser does not tell
 * @param {string|null} label of the variant; null for the product images
 */
export function drop(count, label) {
  if (label === null) return count > 0 ? counted(count, dropOnProduct(count)) : gettext("Drop to add to the product images");
  const sentence = count > 0 ? dropOnVariant(count) : gettext("Drop to add to %(list)s");
  return interpolate(sentence, { count: whole.format(count), list: variant(label) });
}
/** @param {number} count */
const dropOnVariant = (count) => ngettext("Drop %(count)s image to add to %(list)s", "Drop %(count)s images to add to %(list)s", count);
/** @param {number} count */
const dropOnProduct = (count) =>
  ngettext("Drop %(count)s image to add to the product images", "Drop %(count)s images to add to the product images", count);
/** @param {string} name */
export const dropReplace = (name) => interpolate(gettext("Replace %(name)s"), { name });
export const DROP_REPLACE_DETAIL = gettext("The old image goes to the removed ones.");
/** @param {number} refused */
export const dropRefused = (refused) => counted(refused,
  ngettext("%(count)s file is not a supported image", "%(count)s files are not supported images", refused));

// Progress ----------------------------------------------------------------------------------------

/**
 * @param {number} stored
 * @param {number} total
 */
export const storedOf = (stored, total) => interpolate(
  ngettext("%(stored)s of %(total)s stored", "%(stored)s of %(total)s stored", total), { stored: whole.format(stored), total: whole.format(total) });
/** @param {number} count */
export const allStored = (count) => counted(count, ngettext("%(count)s image stored", "%(count)s images stored", count));
/** @param {number} count */
export const goneCount = (count) => counted(count, ngettext("%(count)s image removed", "%(count)s images removed", count));
/** @param {number} count */
export const failedCount = (count) => counted(count, ngettext("%(count)s failed", "%(count)s failed", count));
/** @param {number} count */
export const interruptedCount = (count) => counted(count, ngettext("%(count)s interrupted", "%(count)s interrupted", count));
export const PAUSED = gettext("Paused");
export const NO_IMAGES = gettext("No images yet");

// Questions ---------------------------------------------------------------------------------------

export const KEEP_EDITING = gettext("Keep editing");
export const DISCARD = gettext("Discard");
export const CANCEL = gettext("Cancel");
export const SAVE = gettext("Save");
export const WAIT_AND_SAVE = gettext("Wait and save");
export const WAITING_TO_SAVE = gettext("Saving as soon as all images are stored…");
/** @param {number} count */
export const discardQuestion = (count) => counted(count,
  ngettext("Discard %(count)s image and everything typed?", "Discard %(count)s images and everything typed?", count));
export const DISCARD_DETAIL = gettext("This cannot be undone.");
/** @param {number} count */
export const unfinishedTitle = (count) => counted(count, ngettext("%(count)s image is not stored yet", "%(count)s images are not stored yet", count));
/** @param {number} count */
export const unfinishedDetail = (count) =>
  ngettext("Wait for it, or save the product without it.", "Wait for them, or save the product without them.", count);
export const WAITING_DETAIL = gettext("You need not do anything. Keep this page open.");
/** @param {number} count */
export const stuckDetail = (count) => counted(count, ngettext(
  "%(count)s image was interrupted and is sent by no tab. Choose it again, or save without it.",
  "%(count)s images were interrupted and are sent by no tab. Choose them again, or save without them.",
  count));
/** @param {number} count */
export const saveWithout = (count) => counted(count,
  ngettext("Save without the %(count)s unfinished", "Save without the %(count)s unfinished", count));
/** @param {string} name */
export const altTextTitle = (name) => interpolate(gettext("Alternative text of %(name)s"), { name });
export const ALT_TEXT_LABEL = gettext("What the image shows, for people who cannot see it");
export const ALT_TEXT_LIMIT = 300;

// Announcements -----------------------------------------------------------------------------------

/**
 * @param {number} count
 * @param {number} total
 */
export const added = (count, total) => interpolate(
  ngettext("%(count)s image added, %(total)s in all.", "%(count)s images added, %(total)s in all.", count),
  { count: whole.format(count), total: whole.format(total) });
/** @param {string[]} names */
export const uploaded = (names) => (names.length > 3
  ? counted(names.length, ngettext("%(count)s image uploaded.", "%(count)s images uploaded.", names.length))
  : named(names, ngettext("%(names)s uploaded.", "%(names)s uploaded.", names.length)));
/**
 * @param {string} name
 * @param {string} message
 */
export const failed = (name, message) => interpolate(gettext("%(name)s: %(message)s"), { name, message });
/** @param {string[]} names */
export const removed = (names) => (names.length > 3
  ? counted(names.length, ngettext("%(count)s image removed.", "%(count)s images removed.", names.length))
  : named(names, ngettext("%(names)s removed.", "%(names)s removed.", names.length)));
/** @param {string[]} names */
export const restored = (names) => named(names, ngettext("%(names)s restored.", "%(names)s restored.", names.length));
/** @param {number} ratio */
export const reached = (ratio) => interpolate(gettext("%(percent)s uploaded."), { percent: percent(ratio) });
/** @type {Record<string, string>} by what the card became */
const MOVED = {
  "": gettext("%(name)s moved from %(from)s to %(to)s of %(count)s."),
  primary: gettext("%(name)s moved from %(from)s to %(to)s of %(count)s, now primary."),
  cover: gettext("%(name)s moved from %(from)s to %(to)s of %(count)s, now cover."),
};
/**
 * @param {string} name
 * @param {number} from place from 1
 * @param {number} to place from 1
 * @param {number} count
 * @param {""|"primary"|"cover"} role what it is now
 */
export const moved = (name, from, to, count, role) =>
  interpolate(MOVED[role], { name, from: whole.format(from), to: whole.format(to), count: whole.format(count) });
/** @type {Record<string, string>} by what the card became */
const MOVED_TO_PRODUCT = {
  "": gettext("%(name)s moved to the product images."),
  primary: gettext("%(name)s moved to the product images, now primary."),
};
/** @type {Record<string, string>} by what the card became */
const MOVED_TO_VARIANT = {
  "": gettext("%(name)s moved to %(list)s."),
  cover: gettext("%(name)s moved to %(list)s, now cover."),
};
/**
 * @param {string} name
 * @param {string|null} label of the variant; null for the product images
 * @param {""|"primary"|"cover"} role what it is now
 */
export const movedTo = (name, label, role) => (label === null
  ? interpolate(MOVED_TO_PRODUCT[role], { name })
  : interpolate(MOVED_TO_VARIANT[role], { name, list: variant(label) }));
/**
 * @param {number} count
 * @param {string|null} label of the variant; null for the product images
 * @param {number} place of the first, from 1
 * @param {number} total
 */
export const movedTogether = (count, label, place, total) => interpolate(label === null
  ? ngettext("%(count)s image moved to %(place)s of %(total)s.", "%(count)s images moved, now from %(place)s of %(total)s.", count)
  : ngettext("%(count)s image moved to %(list)s.", "%(count)s images moved to %(list)s.", count), {
  count: whole.format(count), list: label === null ? PRODUCT_IMAGES : variant(label), place: whole.format(place), total: whole.format(total),
});
export const ORDER_CHANGED = gettext("Order changed in another tab.");
export const MOVE_CANCELLED = gettext("Move cancelled.");
/** @param {number} uploads */
export const backOnline = (uploads) => (uploads > 0
  ? counted(uploads, ngettext("Back online. %(count)s upload resumed.", "Back online. %(count)s uploads resumed.", uploads))
  : gettext("Back online."));
/** @param {number} count */
export const resumed = (count) => counted(count, ngettext("%(count)s upload resumed.", "%(count)s uploads resumed.", count));
/**
 * @param {string} label
 * @param {number} count
 */
export const rowRemoved = (label, count) => interpolate(ngettext(
  "%(list)s removed. %(count)s image moved to the product images.",
  "%(list)s removed. %(count)s images moved to the product images.",
  count), { list: variant(label), count: whole.format(count) });

/**
 * @param {number} count
 * @param {string} sentence
 */
function counted(count, sentence) {
  return interpolate(sentence, { count: whole.format(count) });
}

/**
 * @param {string[]} names
 * @param {string} sentence
 */
function named(names, sentence) {
  return interpolate(sentence, { names: list.format(names) });
}

/**
 * @param {string[]} names
 * @param {string} sentence
 */
function few(names, sentence) {
  return interpolate(sentence, { names: listed(names, FEW_NAMES) });
}

/**
 * @param {string[]} names
 * @param {number} max how many of them are told
 */
function listed(names, max = MAX_LOST_NAMES) {
  const more = names.length - max;
  const told = names.slice(0, max).map((name) => interpolate(gettext("“%(name)s”"), { name }));
  return list.format(more > 0 ? [...told, counted(more, ngettext("%(count)s more", "%(count)s more", more))] : told);
}
