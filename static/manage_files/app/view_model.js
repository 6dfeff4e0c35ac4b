// @ts-check
/** Computes what the dialog and the inline panel show, once for both. */
import { CardState, lists, tray } from "../model/cards.js";
import { endedDraft } from "../recovery/ended_draft.js";
import * as messages from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { NoticeText } from "../view/ui/notice.js"
 * @import { ConnectionStatus } from "../view/status_banner.js"
 * @import { Card, List } from "../model/cards.js"
 * @import { Draft } from "../model/draft.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Total } from "../model/total_progress.js"
 */

/**
 * @typedef {object} ViewModel
 * @property {Draft} draft
 * @property {List[]} lists
 * @property {Card[]} cards of all lists
 * @property {Card[]} tray
 * @property {Total} total
 * @property {ConnectionStatus} status
 * @property {Problem[]} problems
 * @property {Array<NoticeText|null>} notices about files kept in this browser
 * @property {string} hint what the product images may be
 * @property {boolean} connected whether there was a snapshot
 * @property {boolean} live
 * @property {number} count images there are: not those of a draft that has ended
 * @property {ReadonlySet<string>} selected cards of the window, chosen to be moved or removed together
 * @property {boolean} isReordered whether another tab has just changed the order
 * @property {ReadonlySet<string>} undoable lists that were sorted and can be put back
 * @property {boolean} isOpen whether anything can be changed
 */

/** @type {ReadonlySet<string>} */
const GONE = new Set([ConnectionState.EXPIRED, ConnectionState.DISCARDED]);

/**
 * @param {LiveDraft} live
 * @param {{total: Total, problems: Problem[], notices: Array<NoticeText|null>, waiting: string[],
 *   newDraftError: string, problem: string, selected: ReadonlySet<string>, undoable: ReadonlySet<string>, isReordered: boolean}} shown
 *   waiting: the files of another draft that this browser holds, by name; newDraftError: of `NewDraftError`, or empty;
 *   problem: what is wrong with the server, or empty
 * @returns {ViewModel}
 */
export function viewModelOf(
  live,
  { total, problems, notices, waiting, newDraftError, problem, selected, undoable, isReordered },
) {
  const { draft } = live;
  const end = GONE.has(live.connection) ? whatIsLeft(live, waiting) : null;
  const shown = end?.lists ?? lists(draft);
  const all = shown.flatMap((list) => list.cards);
  const limits = draft.snapshot?.limits;
  return {
    draft,
    lists: shown,
    cards: all,
    count: all.filter(({ state }) => state !== CardState.GONE).length,
    tray: end ? [] : tray(draft),
    total,
    problems,
    notices,
    status: { ...connectionStatus(live, all, waiting), end, newDraftError, problem },
    hint: limits && all.length > 0 && live.isOpen ? `${messages.ORDER_HINT} ${messages.accepted(limits)}` : "",
    connected: draft.snapshot !== null,
    live: draft.live,
    selected,
    undoable,
    isReordered,
    isOpen: live.isOpen,
  };
}

/**
 * @param {LiveDraft} live
 * @param {string[]} waiting
 */
function whatIsLeft({ draft, ended, connection, uploads }, waiting) {
  const isRestorable = connection === ConnectionState.EXPIRED;
  return endedDraft({
    draft,
    lists: lists(draft),
    names: ended?.names ?? [],
    waiting: isRestorable ? waiting : [],
    // What was thrown away is not offered again.
    isHeld: (file) => isRestorable && uploads.fileOf(file) !== null,
  });
}

/**
 * @param {LiveDraft} live
 * @param {Card[]} all
 * @param {string[]} waiting
 */
function connectionStatus(live, all, waiting) {
  const grace = live.draft.snapshot?.draft.grace_seconds_lost;
  return {
    state: live.connection,
    since: live.disconnectedSince,
    graceSeconds: all.length > 0 ? (grace ?? null) : null,
    ended: live.ended,
    held: [...waiting, ...all.filter(({ id }) => live.uploads.fileOf(id) !== null).map(({ name }) => name)],
  };
}
