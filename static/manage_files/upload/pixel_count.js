// @ts-check
/**
 * Reads from the header of an image how many pixels it has: a megabyte may hold so many that decoding them takes
 * gigabytes. No pixel is decoded.
 */

/** Where the headers are, but for a JPEG with much before its pixels. */
const PART_BYTES = 1 << 16;
const JPEG = 0xffd8;
const PNG = 0x89504e47;
const WEBP = 0x57454250;
/** The two kinds of a WebP's first part that are not `VP8 `. */
const VP8X = 0x56503858;
const VP8L = 0x5650384c;
/** Boxes of AVIF and HEIC with a size: of one picture, and of all that is in a minimized file. */
const ISPE = 0x69737065;
const MINI = 0x6d696e69;
/** Markers of a JPEG that look like those of a size (C0 to CF): tables, and one that is reserved. */
const NO_SIZE = [0xc4, 0xc8, 0xcc];

/**
 * @param {Blob} file
 * @returns {Promise<number>} infinite when the header does not tell, or cannot be read
 */
export async function pixelCount(file) {
  try {
    const head = await part(file, 0);
    if (head.getUint16(0) === JPEG) return await ofJpeg(file, head);
    if (head.getUint32(0) === PNG) return head.getUint32(16) * head.getUint32(20);
    return head.getUint32(8) === WEBP ? ofWebp(head) : ofBoxes(head);
  } catch {
    // It would be behind the end of the file.
    return Infinity;
  }
}

/**
 * @param {Blob} file
 * @param {number} start
 */
async function part(file, start) {
  return new DataView(await file.slice(start, start + PART_BYTES).arrayBuffer());
}

/**
 * @param {Blob} file
 * @param {DataView} view its first part
 */
async function ofJpeg(file, view) {
  let start = 0;
  for (let at = 2; ; ) {
    if (at + 9 > start + view.byteLength) {
      start = at;
      view = await part(file, at);
    }
    const marker = view.getUint16(at - start) - 0xff00;
    if (marker >= 0xc0 && marker <= 0xcf && !NO_SIZE.includes(marker))
      return view.getUint16(at - start + 5) * view.getUint16(at - start + 7);
    if (marker <= 0 || marker === 0xff) at += 1;
    else if (marker === 1 || (marker >= 0xd0 && marker <= 0xd9)) at += 2;
    else at += 2 + view.getUint16(at - start + 2);
  }
}

/** @param {DataView} head */
function ofWebp(head) {
  const kind = head.getUint32(12);
  const low = (/** @type {number} */ at, /** @type {number} */ bits) => head.getUint32(at, true) % 2 ** bits;
  if (kind === VP8X) return (low(24, 24) + 1) * (low(27, 24) + 1);
  return kind === VP8L ? (low(21, 14) + 1) * ((low(21, 28) >> 14) + 1) : low(26, 14) * low(28, 14);
}

/**
 * Of AVIF and HEIC: of the largest picture, which the others are parts of.
 * @param {DataView} head
 */
function ofBoxes(head) {
  let most = 0;
  for (let at = 0; at + 16 <= head.byteLength; at += 1) {
    const kind = head.getUint32(at);
    if (kind === ISPE) most = Math.max(most, head.getUint32(at + 8) * head.getUint32(at + 12));
    else if (kind === MINI) most = Math.max(most, ofMini(head.getUint32(at + 6)));
  }
  return most || Infinity;
}

/** @param {number} bits whether the sides are long, then the width and the height, one less than they are */
function ofMini(bits) {
  const sides =
    bits >>> 31 ? [(bits >>> 16) % 2 ** 15, (bits >>> 1) % 2 ** 15] : [(bits >>> 24) % 128, (bits >>> 17) % 128];
  return (sides[0] + 1) * (sides[1] + 1);
}
