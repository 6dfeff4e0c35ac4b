// @ts-check
/**
 * Creates thumbnails of the files chosen in this tab. Showing an 8 MB photo directly would cost 100 MB of decoded
 * pixels and block scrolling, so each is resized once, two at a time, and kept as a blob.
 */

const WIDTH_PX = 480;
const PARALLEL = 2;
const QUALITY = 0.82;

export class ImagePreviews {
  /** @type {Map<string, string|null>} blob URL by file; null: pending, or not an image we can show */
  #urls = new Map();
  /** @type {Array<{id: string, file: Blob}>} */
  #queue = [];
  #running = 0;
  #onReady;

  /** @param {() => void} onReady called whenever a preview is ready */
  constructor(onReady) {
    this.#onReady = onReady;
  }

  /**
   * Returns the preview of a file; empty if there is none.
   * @param {string} id
   */
  urlOf(id) {
    return this.#urls.get(id) ?? "";
  }

  /**
   * @param {string} id
   * @param {Blob} file
   */
  request(id, file) {
    if (this.#urls.has(id)) return;
    this.#urls.set(id, null);
    this.#queue.push({ id, file });
    this.#next();
  }

  /**
   * Revokes all previews but these.
   * @param {ReadonlySet<string>} ids
   */
  retain(ids) {
    for (const [id, url] of this.#urls) {
      if (ids.has(id)) continue;
      if (url) URL.revokeObjectURL(url);
      this.#urls.delete(id);
    }
  }

  #next() {
    while (this.#running < PARALLEL && this.#queue.length > 0) {
      const { id, file } = /** @type {{id: string, file: Blob}} */ (this.#queue.shift());
      this.#running += 1;
      this.#make(id, file).finally(() => {
        this.#running -= 1;
        this.#next();
      });
    }
  }

  /**
   * @param {string} id
   * @param {Blob} file
   */
  async #make(id, file) {
    if (!this.#urls.has(id)) return;
    const small = await thumbnail(file).catch(() => null); // not an image for this browser: the icon stays
    if (!small || !this.#urls.has(id)) return;
    this.#urls.set(id, URL.createObjectURL(small));
    this.#onReady();
  }
}

/**
 * @param {Blob} file
 * @returns {Promise<Blob>}
 */
async function thumbnail(file) {
  const bitmap = await createImageBitmap(file, {
    resizeWidth: WIDTH_PX,
    resizeQuality: "medium",
    imageOrientation: "from-image",
  });
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  // Drawn, because Chromium loses the orientation of a transferred bitmap (measured).
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  bitmap.close();
  // WebP keeps transparency; a browser that cannot write it falls back to PNG.
  return canvas.convertToBlob({ type: "image/webp", quality: QUALITY });
}
