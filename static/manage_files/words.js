// @ts-check
/** Every sentence the user sees or hears, in one place. */

import { counted, duration, images, list, percent, size, sizeOf, timeOfDay, whole } from "./amounts.js";

/** A sentence names no more of the lost images than somebody would read. */
const MAX_LOST_NAMES = 8;
/** Of many refused files the first show which ones are meant. */
const FEW_NAMES = 2;

/** @type {Record<string, string>} */
const TYPE_NAMES = { "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP" };

// The window --------------------------------------------------------------------------------------

export const TITLE = "Manage files";
export const OPEN = "Upload Product Images";
export const ADD = "Add images";
export const ADD_FOLDER = "Choose a folder";
export const TAKE_PHOTO = "Take a photo";
export const CLOSE = "Close";
export const BACK = "Back to product";
export const DISCARD_ALL = "Discard all";
export const DISMISS = "Dismiss";
export const PRODUCT_IMAGES = "Product images";
export const REMOVED = "Removed";
export const REMOVED_HINT = "These images are not saved with the product.";
export const EMPTY_TITLE = "Drop images here";
export const EMPTY_TITLE_TOUCH = "Choose photos or take one";
export const CONNECTING = "Connecting…";
export const TOTAL = "All uploads";

/**
 * @param {number} count
 * @param {number} uploading
 */
export const openCount = (count, uploading) =>
  uploading > 0 ? `(${whole.format(count)}, ${whole.format(uploading)} uploading)` : `(${whole.format(count)})`;

/** @param {{content_types: string[], max_file_bytes: number}} limits */
export const accepted = ({ content_types, max_file_bytes }) =>
  `${content_types.map((type) => TYPE_NAMES[type] ?? type).join(", ")} up to ${size(max_file_bytes)} each.`;

export const DROP_ANYWHERE = "or drop them anywhere on this page.";
export const ORDER_HINT = "Drag to reorder; the first is the primary image.";

/** @param {number} maxFiles */
export const emptyHint = (maxFiles) => `The first becomes the primary image. Up to ${whole.format(maxFiles)} images.`;

/** @param {string} label */
export const variant = (label) => (label.trim() ? `Variant “${label.trim()}”` : "Variant without a name");

/** @param {string} label */
export const variantEmpty = (label) => `Drop or move images here; the first is the cover of ${label.trim() ? `“${label.trim()}”` : "this variant"}.`;

/** @param {string} label */
export const addTo = (label) => `Add images to ${variant(label)}`;

/** @param {number} graceSeconds */
export const notSaved = (graceSeconds) =>
  `Not saved yet. If you leave, these images are kept for ${duration(graceSeconds)}, then removed.`;
/** @param {number} graceSeconds */
export const nothingToSave = (graceSeconds) =>
  `Changes here wait for the product to be saved. If you leave, they are kept for ${duration(graceSeconds)}.`;

// Connection --------------------------------------------------------------------------------------

/** @param {number} tabs */
export const live = (tabs) => (tabs > 1 ? `Live in ${whole.format(tabs)} tabs` : "Live");

/** @param {number} since milliseconds since the epoch */
export const offlineSince = (since) => `Offline since ${timeOfDay(since)}`;

/** @type {Record<string, string>} */
export const CONNECTION = {
  connecting: CONNECTING,
  limited: "Limited mode",
  reconnecting: "Reconnecting…",
  signed_out: "Signed out",
  not_allowed: "No access",
  not_found: "Not found",
  committed: "Saved",
  discarded: "Discarded",
  expired: "Expired",
};

export const TRY_NOW = "Try now";
export const SIGN_IN = "Sign in";
export const OPEN_PRODUCT = "Open product";
export const START_AGAIN = "Start again";
export const UPLOAD_AGAIN = "Upload again";
export const TRY_AGAIN = "Try again";
export const NO_DRAFT = "Could not start a new draft.";
/** @type {Record<string, string>} */
export const NO_DRAFT_ADVICE = { failed: "Try again.", signed_out: "Sign in, then try again." };

/** @param {number|null} until milliseconds since the epoch */
export const nothingLost = (until) =>
  until === null ? "Nothing is lost: uploads go on by themselves." : `Nothing is lost: your images are kept until about ${timeOfDay(until)}.`;

/** @type {Record<string, [string, string]>} title and sentence of the banner */
export const BANNER = {
  limited: ["Limited mode:", "your network blocks live connections. Uploads work; other tabs update every few seconds."],
  reconnecting: ["Reconnecting.", ""],
  offline: ["Offline.", ""],
  signed_out: ["You are signed out.", "Sign in again to continue; your images are kept meanwhile."],
  not_allowed: ["No permission.", "You may not change these images. Ask an administrator."],
  not_found: ["There is no such draft.", "Start a new product."],
  committed: ["This product was saved in another tab.", "Nothing can be changed here any more."],
  discarded: ["", "Start again to add images."],
  expired: ["This draft was not saved in time and was removed.", ""],
};

/**
 * @param {string} by the user, or empty
 */
export const discardedBy = (by) => (by ? `${by} discarded this draft.` : "This draft was discarded.");

/** @param {string[]} names */
export const lost = (names) => `Lost: ${listed(names)}.`;

/** @param {number} count */
export const expired = (count) => `${images(count)} expired.`;
/**
 * @param {string[]} held
 * @param {string[]} gone
 */
export const stillHeld = (held, gone) =>
  [...(held.length > 0 ? [`Still in this browser: ${listed(held)}.`] : []), ...(gone.length > 0 ? [lost(gone)] : [])].join(" ");

// Files kept in this browser ----------------------------------------------------------------------

/** @param {number} count */
export const againTitle = (count) => `${images(count)} ${counted(count, "waits", "wait")} to be uploaded again.`;
/** @param {string[]} names */
export const again = (names) => `${listed(names)} ${counted(names.length, "goes", "go")} into the new draft as soon as the connection is back.`;

/** @param {number} count */
export const noRoomTitle = (count) => `No room in this browser for a copy of ${images(count)}.`;
/** @param {string[]} names */
export const noRoom = (names) =>
  `${listed(names)} ${counted(names.length, "uploads", "upload")} as usual. Until that is done, keep this page open.`;

// Cards -------------------------------------------------------------------------------------------

export const PRIMARY = "Primary";
export const COVER = "Cover";

/** @param {number} place from 0 */
export const place = (place) => whole.format(place + 1);

/** @param {number} ahead */
export const waiting = (ahead) => (ahead > 0 ? `Waiting (${whole.format(ahead)} ahead)` : "Waiting");

/**
 * @param {number} part bytes
 * @param {number} total bytes
 */
export const uploading = (part, total) => `${percent(part / total)} · ${sizeOf(part, total)}`;

/**
 * @param {number} ratio
 * @param {boolean} held
 */
export const paused = (ratio, held) => (held ? `Paused at ${percent(ratio)}` : "Paused in another tab");

export const ELSEWHERE = "Uploading in another tab";
export const INTERRUPTED = "Interrupted. Choose it again to continue.";
export const PROCESSING = "Checking image…";
export const UNREADABLE = "The file can no longer be read from your disk. Choose it again.";

/** @param {string} name */
export const moreFor = (name) => `More actions for ${name}`;
/** @param {string} name */
export const remove = (name) => `Remove ${name}`;
/** @param {string} name */
export const restore = (name) => `Restore ${name}`;
/** @param {string} name */
export const purge = (name) => `Delete ${name} for good`;
/** @param {string} name */
export const uploadOf = (name) => `Upload of ${name}`;

export const RESTORE = "Restore";
export const PURGE = "Delete for good";
export const RETRY = "Retry";
export const CHOOSE_AGAIN = "Choose again";
export const MOVE_FIRST = "Move to first";
export const MOVE_EARLIER = "Move earlier";
export const MOVE_LATER = "Move later";
export const MOVE_LAST = "Move to last";
export const MOVE_TO_PRODUCT = "Move to product images";
export const ALT_TEXT = "Alternative text…";
/** @param {string} label */
export const moveToVariant = (label) => `Move to ${variant(label)}`;

// Adding ------------------------------------------------------------------------------------------
// The refusals read like the server's (uploads/core/limits.py): the same rule, the same sentence.

/** @param {string} name */
export const emptyFile = (name) => `${quoted(name)} is empty. Choose another file.`;
/** @param {string} name */
export const unsupported = (name) => `${quoted(name)} is not a supported image. Use JPEG, PNG or WebP.`;
/**
 * @param {string} name
 * @param {number} bytes
 * @param {number} limit
 */
export const tooLarge = (name, bytes, limit) => `${quoted(name)} is ${size(Math.ceil(bytes / 1e5) * 1e5)}. The limit is ${size(limit)}.`;
/**
 * @param {string} name
 * @param {number} limit
 */
export const tooMany = (name, limit) => `${quoted(name)} was not added. The limit is ${limit} images.`;
/**
 * @param {string} name
 * @param {number} limit
 */
export const draftFull = (name, limit) => `${quoted(name)} was not added. All images together may have ${size(limit)}.`;
/** @param {string} name */
export const heic = (name) => `${quoted(name)} is an HEIC photo, which is not supported. Export it as JPEG; iPhones take JPEG with Settings, Camera, Formats, “Most Compatible”.`;
/** @param {string} name */
export const emptyFolder = (name) => `${quoted(name)} is a folder without images.`;
/** @param {number} taken */
export const tooManyInFolders = (taken) => `These folders hold too many files. Only the first ${whole.format(taken)} were looked at.`;
/** @param {string[]} names */
export const manyEmpty = (names) => `${listed(names, FEW_NAMES)} are empty. Choose other files.`;
/** @param {string[]} names */
export const manyUnsupported = (names) => `${listed(names, FEW_NAMES)} are not supported images. Use JPEG, PNG or WebP.`;
/** @param {string[]} names */
export const manyTooLarge = (names) => `${listed(names, FEW_NAMES)} are too large.`;
/** @param {string[]} names */
export const manyTooMany = (names) => `${listed(names, FEW_NAMES)} were not added. There are as many images as there can be.`;
/**
 * @param {string} time
 * @param {string} extension
 */
export const pastedName = (time, extension) => `Pasted image ${time}.${extension}`;
/**
 * @param {string} time
 * @param {string} extension
 */
export const photoName = (time, extension) => `Photo ${time}.${extension}`;

/**
 * @param {string} name
 * @param {string} message
 */
export const problem = (name, message) => (message.includes(name) ? message : `${quoted(name)}: ${message}`);

/**
 * @param {number} files that were not added
 * @param {number} changes that were not made
 */
export const problemsTitle = (files, changes) => [
  ...(files > 0 ? [counted(files, "1 file was not added", `${whole.format(files)} files were not added`)] : []),
  ...(changes > 0 ? [counted(changes, "1 change was not made", `${whole.format(changes)} changes were not made`)] : []),
].join(", ");

/**
 * @param {number} count 0 when the browser does not tell
 * @param {string} target
 */
export const dropCount = (count, target) => (count > 0 ? `Drop ${images(count)} to add to ${target}` : `Drop to add to ${target}`);
/** @param {number} refused */
export const dropRefused = (refused) => counted(refused, "1 file is not a supported image", `${whole.format(refused)} files are not supported images`);
/** @param {string} label empty for the product images */
export const dropTarget = (label) => (label ? variant(label) : "the product images");

// Progress ----------------------------------------------------------------------------------------

/**
 * @param {number} stored
 * @param {number} total
 */
export const storedOf = (stored, total) => `${whole.format(stored)} of ${whole.format(total)} stored`;
/** @param {number} count */
export const allStored = (count) => `${images(count)} stored`;
/** @param {number} count */
export const goneCount = (count) => counted(count, "1 image removed", `${whole.format(count)} images removed`);
/** @param {number} count */
export const failedCount = (count) => `${whole.format(count)} failed`;
/** @param {number} count */
export const interruptedCount = (count) => `${whole.format(count)} interrupted`;
export const PAUSED = "Paused";
export const NO_IMAGES = "No images yet";

// Questions ---------------------------------------------------------------------------------------

export const KEEP_EDITING = "Keep editing";
export const DISCARD = "Discard";
export const CANCEL = "Cancel";
export const SAVE = "Save";
export const WAIT_AND_SAVE = "Wait and save";
export const WAITING_TO_SAVE = "Saving as soon as all images are stored…";
/** @param {number} count */
export const discardQuestion = (count) => `Discard ${images(count)} and everything typed?`;
export const DISCARD_DETAIL = "This cannot be undone.";
/** @param {number} count */
export const unfinishedTitle = (count) => counted(count, "1 image is not stored yet", `${whole.format(count)} images are not stored yet`);
/** @param {number} count */
export const unfinishedDetail = (count) => `Wait for ${pronoun(count)}, or save the product without ${pronoun(count)}.`;
export const WAITING_DETAIL = "You need not do anything. Keep this page open.";
/** @param {number} count */
export const stuckDetail = (count) => counted(count,
  "1 image was interrupted and is sent by no tab. Choose it again, or save without it.",
  `${whole.format(count)} images were interrupted and are sent by no tab. Choose them again, or save without them.`);
/** @param {number} count */
export const saveWithout = (count) => `Save without the ${whole.format(count)} unfinished`;
/** @param {string} name */
export const altTextTitle = (name) => `Alternative text of ${name}`;
export const ALT_TEXT_LABEL = "What the image shows, for people who cannot see it";
export const ALT_TEXT_LIMIT = 300;

// Announcements -----------------------------------------------------------------------------------

/**
 * @param {number} count
 * @param {number} total
 */
export const added = (count, total) => `${counted(count, "1 image added", `${whole.format(count)} images added`)}, ${whole.format(total)} in all.`;
/** @param {string[]} names */
export const uploaded = (names) => (names.length > 3 ? `${images(names.length)} uploaded.` : `${list.format(names)} uploaded.`);
/**
 * @param {string} name
 * @param {string} message
 */
export const failed = (name, message) => `${name}: ${message}`;
/** @param {string[]} names */
export const removed = (names) => (names.length > 3 ? `${images(names.length)} removed.` : `${list.format(names)} removed.`);
/** @param {string[]} names */
export const restored = (names) => `${list.format(names)} restored.`;
/** @param {number} ratio */
export const reached = (ratio) => `${percent(ratio)} uploaded.`;
/**
 * @param {string} name
 * @param {number} from place from 1
 * @param {number} to place from 1
 * @param {number} count
 * @param {string} role
 */
export const moved = (name, from, to, count, role) =>
  `${name} moved from ${whole.format(from)} to ${whole.format(to)} of ${whole.format(count)}${role}.`;
export const NOW_PRIMARY = ", now primary";
export const NOW_COVER = ", now cover";
/**
 * @param {string} name
 * @param {string} target
 * @param {string} role
 */
export const movedTo = (name, target, role) => `${name} moved to ${target}${role}.`;
export const MOVE_CANCELLED = "Move cancelled.";
/** @param {number} resumed */
export const backOnline = (resumed) => (resumed > 0 ? `Back online. ${counted(resumed, "1 upload", `${whole.format(resumed)} uploads`)} resumed.` : "Back online.");
/** @param {number} count */
export const resumed = (count) => counted(count, "1 upload resumed.", `${whole.format(count)} uploads resumed.`);
/**
 * @param {string} label
 * @param {number} count
 */
export const rowRemoved = (label, count) => `${variant(label)} removed. ${images(count)} moved to the product images.`;

/**
 * @param {string[]} names
 * @param {number} max how many of them are told
 */
function listed(names, max = MAX_LOST_NAMES) {
  const more = names.length - max;
  const told = names.slice(0, max).map(quoted);
  return list.format(more > 0 ? [...told, `${whole.format(more)} more`] : told);
}

/** @param {number} count */
function pronoun(count) {
  return counted(count, "it", "them");
}

/** @param {string} name */
function quoted(name) {
  return `“${name}”`;
}
