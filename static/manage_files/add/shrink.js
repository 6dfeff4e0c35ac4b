// @ts-check
/** Files that are too large, made smaller on demand and added, with an honest word about what became of them. Loaded when asked for. */

import { cards } from "../model/cards.js";
import { displayName } from "../model/display_name.js";
import * as addingWords from "../text/adding_messages.js";
import { smallerCopy } from "./image_resizer.js";

/**
 * @import { Where } from "./add_files.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 */

/**
 * @param {LiveDraft} live
 * @param {File} file
 * @param {Where} where
 * @returns {Promise<{said: string, isDone: boolean}>} isDone: whether the copy was added
 */
export async function addSmaller(live, file, where) {
  const limits = live.draft.snapshot?.limits;
  const name = displayName(file.name);
  const copy =
    limits &&
    (await smallerCopy(file, { bytes: limits.max_file_bytes, pixels: limits.max_pixels, types: limits.content_types }));
  if (!copy) return { said: addingWords.noSmallerCopy(name), isDone: false };
  const added = live.add([copy.file], where).length > 0;
  return { said: addingWords.smallerCopy(name, copy.file.size, file.size, copy.width, copy.height), isDone: added };
}

/**
 * Puts a smaller copy in the place of a file that the server found too large.
 * @param {LiveDraft} live
 * @param {string} id
 */
export async function replaceBySmaller(live, id) {
  const card = cards(live.draft).find((each) => each.id === id);
  const file = live.outbox.fileOf(id);
  if (!card || !file) return { said: addingWords.noSmallerCopy(card?.name ?? ""), isDone: false };
  const result = await addSmaller(live, file, { list: card.list, after: id });
  // Nothing of it is worth keeping: the server has thrown its bytes away.
  if (result.isDone) live.remove(id);
  return result;
}
