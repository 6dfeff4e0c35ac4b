// @ts-check
/** Determines the content type of a file, from its extension when the browser reports none. */

/** @type {Record<string, string>} for systems that report no type */
const TYPE_BY_EXTENSION = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
  heif: "image/heif",
};

/**
 * @param {{name: string, type: string}} file
 * @returns {string} its content type, guessed from the name if the system does not report one
 */
export function contentType({ name, type }) {
  return type || (TYPE_BY_EXTENSION[extension(name)] ?? "");
}

/**
 * @param {string} name of a file
 * @returns {string} in lower case
 */
export function extension(name) {
  return name.split(".").pop()?.toLowerCase() ?? "";
}
