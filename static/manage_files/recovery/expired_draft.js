// @ts-check
/** Finds what this browser still holds of an expired draft, which is enough to restore it in a new one. Pure. */
import { displayName } from "../model/display_name.js";
import { MAIN } from "../model/list_id.js";

/** @import { CachedFile, Outline } from "./file_cache.js" */

/**
 * @typedef {object} RecoverableFiles
 * @property {Array<{file: File, list: string}>} files in their previous order
 * @property {Array<{temp_id: string, label: string}>} rows the variants they belong to
 * @property {string[]} held names of the files
 * @property {string[]} gone names of the lost files
 */

/**
 * @param {Outline} outline of the expired draft; a file in no list was removed by the user
 * @param {ReadonlyMap<string, CachedFile>} kept
 * @param {string[]} names of all files that expired
 * @returns {RecoverableFiles|null} null if nothing is held
 */
export function recoverableFiles(outline, kept, names) {
  const lists = outline.map((list) => ({ ...list, kept: list.files.flatMap((id) => kept.get(id) ?? []) }));
  const files = lists.flatMap(({ id, kept: mine }) => mine.map(({ content }) => ({ file: content, list: id })));
  if (files.length === 0) return null;
  const held = files.map(({ file }) => displayName(file.name));
  const rows = lists
    .filter(({ id, kept: mine }) => id !== MAIN && mine.length > 0)
    .map(({ id, label }) => ({ temp_id: id, label }));
  return { files, rows, held, gone: subtractNames(names, held) };
}

/**
 * @param {string[]} names may contain duplicates
 * @param {string[]} taken
 */
export function subtractNames(names, taken) {
  const left = [...taken];
  return names.filter((name) => {
    const index = left.indexOf(name);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}
