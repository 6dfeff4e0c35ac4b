// @ts-check
/** Tracks selected cards: toggles one, extends to a range, and drops missing ones. Pure. */

/**
 * @typedef {object} Selection
 * @property {ReadonlySet<string>} files
 * @property {string} anchor start of a range: the card selected last; empty if none
 */

/** @type {Selection} */
export const EMPTY_SELECTION = Object.freeze({ files: new Set(), anchor: "" });

/**
 * @param {Selection} selection
 * @param {string} file
 * @returns {Selection}
 */
export function toggleFile({ files }, file) {
  const wanted = new Set(files);
  if (!wanted.delete(file)) wanted.add(file);
  return { files: wanted, anchor: file };
}

/**
 * Adds everything from the anchor to `file`.
 * @param {Selection} selection
 * @param {string} file
 * @param {string[]} order of all cards
 * @returns {Selection}
 */
export function extendSelection({ files, anchor }, file, order) {
  const [from, to] = [order.indexOf(anchor), order.indexOf(file)].sort((one, other) => one - other);
  if (from < 0) return { files: new Set([...files, file]), anchor: file };
  return { files: new Set([...files, ...order.slice(from, to + 1)]), anchor };
}

/**
 * Returns the selection without missing cards; the same object if none is missing.
 * @param {Selection} selection
 * @param {string[]} order
 * @returns {Selection}
 */
export function pruneSelection(selection, order) {
  const files = order.filter((file) => selection.files.has(file));
  return files.length === selection.files.size ? selection : { ...selection, files: new Set(files) };
}
