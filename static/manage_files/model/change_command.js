// @ts-check
/** Maps a pending change to its command for the server. Pure. */
import { ClientType } from "../transport/protocol.js";
import { MAIN, wireList } from "./list_id.js";

/** @import { PendingChange } from "./draft.js" */

/**
 * @param {Omit<PendingChange, "op">} change any but `add`, which carries a file
 * @returns {{type: string, [field: string]: unknown}}
 */
export function commandFor({ kind, file, files = [file], list = MAIN, after = null, altText = "" }) {
  switch (kind) {
    case "move":
      return { type: ClientType.REORDER, files, ...wireList(list), after };
    case "describe":
      return { type: ClientType.DESCRIBE, file, alt_text: altText };
    case "restore":
      return { type: ClientType.RESTORE, file };
    case "purge":
      return { type: ClientType.PURGE, file };
    default:
      return { type: ClientType.REMOVE, file };
  }
}
