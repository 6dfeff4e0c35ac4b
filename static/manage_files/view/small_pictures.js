// @ts-check
/** Where the server shows a file smaller (`uploads.core.small_pictures`). */

export const SMALL_PX = 320;
const LARGE_PX = 1280;
/** Taller ones are narrower. */
const TALLEST = 4;

/** @param {string} url of a file, of any size; empty: the server has none */
export function original(url) {
  return url.replace(/\?.*$/, "");
}

/**
 * @param {string} url of the file
 * @param {number} width in pixels
 */
export function smallPicture(url, width = LARGE_PX) {
  return url && `${original(url)}?w=${width}`;
}

/**
 * Returns the `srcset` and `sizes` with which the large picture takes as much room as the image itself.
 * @param {string} url of the file
 * @param {{width: number|null, height: number|null}} [image] null: not known yet
 */
export function inPlaceOf(url, { width, height } = { width: null, height: null }) {
  if (!url || !width || !height) return null;
  const shown = Math.min(width, LARGE_PX, Math.round((TALLEST * LARGE_PX * width) / height));
  return { srcset: `${smallPicture(url)} ${Math.max(1, shown)}w`, sizes: `${width}px` };
}
