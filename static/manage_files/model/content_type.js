// @ts-check
/**
 * Determines the content type that a file is announced with, by the server's rule (uploads/core/file_types.py): the
 * type that the system tells, or the extension when it tells none. The server looks at the content. Pure.
 */

/** @type {Record<string, string>} other names that some systems have for a type */
const ALIASES = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/jfif": "image/jpeg",
  "image/x-jpeg": "image/jpeg",
  "image/x-jpg": "image/jpeg",
  "image/x-png": "image/png",
  "image/x-webp": "image/webp",
};
/** What a system tells that does not know the type of a file. */
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
/** What a file is taken for until it was looked at, when neither its type nor its name tells anything. */
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
