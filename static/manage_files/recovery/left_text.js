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
 * @returns {Promise<{unsent: Set<string>, refused: Changes}>} unsent: fields to be sent another time; refused: values that
 *   the server will never take
 */
export async function sendLeft(live, { author, sent, fields }) {
  const current = live.draft.snapshot?.fields;
  /** @type {Changes} */
  const refused = {};
  // A server of the version before cannot tell whose text it is.
  if (!current) return { unsent: namesIn({ sent, fields }), refused };
  const known = Object.assign({}, ...sent.map((one) => one.fields));
  const changed = Object.entries(fields).filter(([name, { values }]) => !sameValues(values, known[name]?.values ?? []));
  const each = changed.map(([name, { values, agreed, op = newOp() }]) => {
    const isKnown = name in current && sameValues(current[name].values, agreed.values);
    return { op, fields: { [name]: { values, base: isKnown ? current[name].revision : agreed.revision } } };
  });
  /** @type {Set<string>} */
  const unsent = new Set();
  let isCut = false;
  for (const { op, fields: changes } of [...sent, ...each]) {
    let isRefused = false;
    let isRetryable = false;
    // On another socket it could arrive after newer text: its page may have come back by a reload, and gone on.
    isCut ||= !live.draft.live;
    try {
      if (!isCut) await live.saveText({ type: ClientType.EDIT, op, author, fields: changes }, { once: true });
    } catch (error) {
      isCut = !(error instanceof RefusedError);
      isRetryable = error instanceof RefusedError && error.retryable;
      isRefused = !isCut && !isRetryable;
    }
    // The latest value of a field decides.
    for (const name of Object.keys(changes)) {
      unsent.delete(name);
      delete refused[name];
      if (isRefused) refused[name] = changes[name];
      else if (isCut || isRetryable) unsent.add(name);
    }
  }
  return { unsent, refused };
}

/**
 * @param {TextEdits} text
 * @param {ReadonlySet<string>} names of fields
 * @returns {TextEdits|null} what of the text is in them; null: nothing
 */
export function textIn({ author, sent, fields }, names) {
  const only = (/** @type {Record<string, any>} */ all) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  const rest = {
    author,
    sent: sent.flatMap(({ op, fields: each }) =>
      Object.keys(each).some((name) => names.has(name)) ? [{ op, fields: only(each) }] : [],
    ),
    fields: only(fields),
  };
  return namesIn(rest).size > 0 ? rest : null;
}

/**
 * @param {Pick<TextEdits, "sent"|"fields">} text
 * @returns {Set<string>}
 */
function namesIn({ sent, fields }) {
  return new Set([...sent.map((one) => one.fields), fields].flatMap(Object.keys));
}
