// @ts-check
/**
 * Validates added files. Each is new, resumes an interrupted one, is refused with a reason, or is silently skipped.
 * Pure; the server checks again.
 */
import { contentType, extension } from "../model/content_type.js";
import { displayName } from "../model/display_name.js";
import * as errorMessages from "../text/error_messages.js";

/** @import { LimitsInfo } from "../transport/protocol.js" */

/**
 * @typedef {object} Problem
 * @property {string} name of the file; empty if the message is about no file
 * @property {string} message
 * @property {boolean} [isChange] whether a change was refused, not a file
 * @property {"empty"|"unsupported"|"animated"|"too_large"|"too_many"|"draft_full"} [kind] why a file was not taken
 * @property {File} [file] the refused file
 * @property {string} [list] where it was to go
 */

/** Files that operating systems put into folders, which nobody means to upload. */
const LITTER = /^(\._.*|\.ds_store|\.localized|thumbs\.db|desktop\.ini)$/i;
/** Types of images that are usually animated. */
const ANIMATED = /^image\/(gif|apng)$/;
/** The format of iPhone photos, which not every server can read. */
const HEIC = /^(hei[cf]s?|hif)$/i;

/**
 * @param {File[]} files
 * @param {object} draft
 * @param {string[]} draft.types accepted content types
 * @param {LimitsInfo|null} draft.limits null before the first snapshot, when only the server checks
 * @param {number} draft.count images of the draft, including removed ones
 * @param {number} draft.bytes their total size
 * @param {Array<{id: string, name: string, size: number}>} draft.interrupted files whose upload was interrupted
 * @returns {{fresh: File[], continued: Array<{id: string, file: File}>, problems: Problem[]}}
 */
export function validateFiles(files, { types, limits, count, bytes, interrupted }) {
  const open = [...interrupted];
  /** @type {{fresh: File[], continued: Array<{id: string, file: File}>, problems: Problem[]}} */
  const verdict = { fresh: [], continued: [], problems: [] };
  for (const file of files) {
    if (LITTER.test(file.name)) continue;
    const called = displayName(file.name);
    const again = open.findIndex(({ name, size }) => name === called && size === file.size);
    if (again >= 0) {
      verdict.continued.push({ id: open.splice(again, 1)[0].id, file });
      continue;
    }
    const refused = refusal(called, file, { types, limits, count, bytes });
    if (refused) {
      verdict.problems.push({ name: called, file, ...refused });
      continue;
    }
    verdict.fresh.push(file);
    count += 1;
    bytes += file.size;
  }
  return verdict;
}

/**
 * @param {string} name
 * @param {File} file
 * @param {{types: string[], limits: LimitsInfo|null, count: number, bytes: number}} draft
 * @returns {Pick<Problem, "kind"|"message">|null} why the file is refused; null if it is not
 */
function refusal(name, file, { types, limits, count, bytes }) {
  if (file.size < 1) return { kind: "empty", message: errorMessages.emptyFile(name) };
  if (!types.includes(contentType(file))) return unsupported(name, file);
  if (!limits) return null;
  const { max_file_bytes, max_files, max_draft_bytes } = limits;
  if (file.size > max_file_bytes)
    return { kind: "too_large", message: errorMessages.tooLarge(name, file.size, max_file_bytes) };
  if (count >= max_files) return { kind: "too_many", message: errorMessages.tooMany(name, max_files) };
  if (bytes + file.size > max_draft_bytes)
    return { kind: "draft_full", message: errorMessages.draftFull(name, max_draft_bytes) };
  return null;
}

/**
 * @param {string} name
 * @param {File} file
 * @returns {Pick<Problem, "kind"|"message">}
 */
function unsupported(name, file) {
  if (ANIMATED.test(contentType(file))) return { kind: "animated", message: errorMessages.ANIMATED };
  const isHeic = HEIC.test(file.type.replace(/^image\//, "")) || HEIC.test(extension(file.name));
  return { kind: "unsupported", message: isHeic ? errorMessages.heic(name) : errorMessages.unsupported(name) };
}
