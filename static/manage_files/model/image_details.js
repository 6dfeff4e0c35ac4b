// @ts-check
/** Decides what the lightbox says about an image and which image comes next. Pure. */
import { formatSize, whole } from "../text/format.js";
import * as lightboxMessages from "../text/lightbox_messages.js";

/** @import { FileInfo } from "../transport/protocol.js" */

/** A swipe is longer than this, and more across than along the page. */
const SWIPE_PX = 48;

/**
 * @param {FileInfo|undefined} file as the server knows it; it may not yet
 * @param {{size: number, type: string, width: number, height: number}} shown what this browser sees; 0 or empty: nothing
 * @returns {Array<{label: string, value: string}>} only what is known
 */
export function imageDetails(file, shown) {
  const [width, height] = file?.width && file.height ? [file.width, file.height] : [shown.width, shown.height];
  const type = file?.content_type || shown.type;
  return [
    {
      label: lightboxMessages.DIMENSIONS,
      value: width && height ? lightboxMessages.pixels(whole.format(width), whole.format(height)) : "",
    },
    { label: lightboxMessages.SIZE, value: formatSize(file?.size ?? shown.size) },
    { label: lightboxMessages.TYPE, value: lightboxMessages.TYPES[type] ?? type },
    { label: lightboxMessages.TAKEN, value: file?.taken_at ? lightboxMessages.when(file.taken_at) : "" },
  ].filter(({ value }) => value !== "");
}

/**
 * The image to look at now: the same, or the one that took its place when it is gone.
 * @template {{id: string}} T
 * @param {T[]} cards
 * @param {string} id of the one that was looked at
 * @param {number} index where it was
 * @returns {T|null} null: none is left
 */
export function currentCard(cards, id, index) {
  return cards.find((card) => card.id === id) ?? cards[Math.min(index, cards.length - 1)] ?? null;
}

/**
 * @param {number} across pixels to the right
 * @param {number} along pixels down
 * @param {boolean} isMirrored whether the page runs from right to left
 * @returns {number} steps to go: 1, -1, or 0 for no swipe
 */
export function swipeStep(across, along, isMirrored) {
  if (Math.abs(across) < SWIPE_PX || Math.abs(across) < 2 * Math.abs(along)) return 0;
  return across < 0 === isMirrored ? -1 : 1;
}
