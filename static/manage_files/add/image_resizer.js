// @ts-check
/** Resizes an image in the browser to fit a limit: upright, no larger than useful, in the best quality that fits. */

/** Longer edges add nothing visible to a product image. */
const MAX_EDGE_PX = 6_000;
/**
 * The largest canvas that Safari draws on a phone. A larger one stays empty, without an error (WebKit: 4096 x 4096).
 */
const MAX_CANVAS_PIXELS = 16_777_216;
const QUALITIES = [0.9, 0.82, 0.74];
const SHRINK = 0.75;
/** Smaller images are useless for a product. */
const MIN_EDGE_PX = 200;
/** Margin below the limits, which browsers do not hit exactly. */
const SAFETY = 0.98;

/** @typedef {{file: File, width: number, height: number}} ResizedImage */

/**
 * @param {File} file
 * @param {{bytes: number, pixels: number, types: string[]}} limits
 * @returns {Promise<ResizedImage|null>} null if this browser cannot read the image or make it small enough
 */
export async function resizeImage(file, { bytes, pixels, types }) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" }).catch(() => null);
  if (!bitmap) return null;
  try {
    for (const scale of candidateScales(bitmap, pixels)) {
      const canvas = drawn(bitmap, scale);
      for (const type of outputTypes(file, types)) {
        for (const quality of QUALITIES) {
          const blob = await canvas.convertToBlob({ type, quality });
          // A browser that cannot encode the type falls back to another.
          if (blob.type !== type || blob.size > bytes * SAFETY) continue;
          const copy = new File([blob], renameForType(file.name, type), { type, lastModified: file.lastModified });
          return { file: copy, width: canvas.width, height: canvas.height };
        }
      }
    }
    return null;
  } finally {
    bitmap.close();
  }
}

/**
 * Returns the scales to try, from the largest allowed to the smallest useful one.
 * @param {{width: number, height: number}} size
 * @param {number} pixels
 */
export function candidateScales({ width, height }, pixels) {
  const longest = Math.max(width, height);
  const all = [];
  const most = Math.min(pixels * SAFETY, MAX_CANVAS_PIXELS);
  for (
    let scale = Math.min(1, MAX_EDGE_PX / longest, Math.sqrt(most / (width * height)));
    longest * scale >= MIN_EDGE_PX || all.length === 0;
    scale *= SHRINK
  )
    all.push(scale);
  return all;
}

/**
 * Returns the types to try. An image that may be transparent must keep its transparency.
 * @param {{type: string}} file
 * @param {string[]} types accepted by the server
 */
export function outputTypes({ type }, types) {
  const wanted =
    type === "image/png" || type === "image/webp" ? ["image/webp", "image/jpeg"] : ["image/jpeg", "image/webp"];
  const taken = wanted.filter((each) => types.includes(each));
  return type === "image/png" && taken.includes("image/webp") ? ["image/webp"] : taken.slice(0, 1);
}

/**
 * @param {string} name
 * @param {string} type
 */
export function renameForType(name, type) {
  const extension = type === "image/webp" ? "webp" : "jpg";
  const isRight = new RegExp(extension === "jpg" ? "\\.jpe?g$" : "\\.webp$", "i").test(name);
  return isRight ? name : `${name.replace(/\.[^.]*$/, "")}.${extension}`;
}

/**
 * @param {ImageBitmap} bitmap
 * @param {number} scale
 */
function drawn(bitmap, scale) {
  const canvas = new OffscreenCanvas(
    Math.max(1, Math.floor(bitmap.width * scale)),
    Math.max(1, Math.floor(bitmap.height * scale)),
  );
  const context = canvas.getContext("2d");
  if (context) {
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  }
  return canvas;
}
