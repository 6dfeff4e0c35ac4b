// @ts-check
/** Decides what the lightbox shows about an image, and which image comes next. Pure. */
import { formatSize, whole } from "../text/format.js";
import * as lightboxMessages from "../text/lightbox_messages.js";

/** @import { FileInfo } from "../transport/protocol.js" */

/** The minimum length of a swipe in pixels, which must also be more horizontal than vertical. */
const SWIPE_PX = 48;

/**
 * @param {FileInfo|undefined} file as the server knows it, or null
 * @param {{size: number, type: string, width: number, height: number}} shown what this browser can tell; 0 or empty if
 *   nothing
 * @returns {Array<{label: string, value: string}>} only known facts
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
 * Returns the image to show now: the same, or if it is gone the one that took its position.
 * @template {{id: string}} T
 * @param {T[]} cards
 * @param {string} id of the image shown so far
 * @param {number} index its former index
 * @returns {T|null} null if none is left
 */
export function currentCard(cards, id, index) {
  return cards.find((card) => card.id === id) ?? cards[Math.min(index, cards.length - 1)] ?? null;
}

/**
 * @param {number} across pixels to the right
 * @param {number} along pixels down
 * @param {boolean} isMirrored whether the page is right-to-left
 * @returns {number} 1 or -1 step; 0 if it is no swipe
 */
export function swipeStep(across, along, isMirrored) {
  if (Math.abs(across) < SWIPE_PX || Math.abs(across) < 2 * Math.abs(along)) return 0;
  return across < 0 === isMirrored ? -1 : 1;
}
