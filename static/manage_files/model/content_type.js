// @ts-check
/**
 * Determines the content type with which a file is announced, by the server's rule (uploads/core/file_types.py): the
 * type reported by the system, or that of the extension if it reports none. The server checks the content. Pure.
 */

/** @type {Record<string, string>} other names of a type on some systems */
const ALIASES = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/jfif": "image/jpeg",
  "image/x-jpeg": "image/jpeg",
  "image/x-jpg": "image/jpeg",
  "image/x-png": "image/png",
  "image/x-webp": "image/webp",
};
/** Types reported by systems that do not know the type of a file. */
const VAGUE = ["", "application/octet-stream", "binary/octet-stream", "application/x-binary", "image/*", "*/*"];
/** @type {Record<string, string>} */
const TYPE_BY_EXTENSION = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  jpe: "image/jpeg",
  jfif: "image/jpeg",
  pjpeg: "image/jpeg",
  pjp: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  avif: "image/avif",
  heic: "image/heic",
  heif: "image/heif",
  hif: "image/heic",
};
/** The assumed type of a file before its content is checked, if neither its type nor its name says anything. */
const UNNAMED = "image/jpeg";

/**
 * @param {{name: string, type: string}} file
 * @returns {string} its content type; empty or vague when nothing tells it
 */
export function contentType({ name, type }) {
  const told = type.split(";")[0].trim().toLowerCase();
  if (!VAGUE.includes(told)) return ALIASES[told] ?? told;
  if (name.lastIndexOf(".") <= 0) return UNNAMED;
  return TYPE_BY_EXTENSION[extension(name)] ?? told;
}

/**
 * @param {string} name of a file
 * @returns {string} in lower case
 */
export function extension(name) {
  return name.split(".").pop()?.toLowerCase() ?? "";
}
