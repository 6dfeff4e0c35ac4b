// @ts-check
/**
 * Sends text that another page of the draft left in this browser, in the name of that page: it meets what was typed
 * since by the rules of text, and sent by two pages it counts once.
 */
import { sameValues } from "../model/form/field_sync.js";
import { newOp } from "../transport/ids.js";
import { ClientType } from "../transport/protocol.js";
import { RefusedError } from "../transport/requests.js";

/**
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { TextEdits } from "./unsent_edits.js"
 * @import { Changes } from "../model/form/text_batches.js"
 */

/**
 * @param {LiveDraft} live with a snapshot
 * @param {TextEdits} left
 * @returns {Promise<{isSent: boolean, refused: Changes}>} isSent: nothing of it is to be sent another time
 */
export async function sendLeft(live, { author, sent, fields }) {
  const current = live.draft.snapshot?.fields;
  /** @type {Changes} */
  const refused = {};
  // A server of the version before cannot tell whose text it is.
  if (!current) return { isSent: false, refused };
  const known = Object.assign({}, ...sent.map((one) => one.fields));
  const unsent = Object.entries(fields).filter(([name, { values }]) => !sameValues(values, known[name]?.values ?? []));
  const each = unsent.map(([name, { values, agreed, op = newOp() }]) => {
    const isKnown = name in current && sameValues(current[name].values, agreed.values);
    return { op, fields: { [name]: { values, base: isKnown ? current[name].revision : agreed.revision } } };
  });
  let isSent = true;
  for (const { op, fields: changes } of [...sent, ...each]) {
    try {
      await live.saveText({ type: ClientType.EDIT, op, author, fields: changes });
    } catch (error) {
      if (error instanceof RefusedError && !error.retryable) Object.assign(refused, changes);
      else isSent = false;
    }
  }
  return { isSent, refused };
}
