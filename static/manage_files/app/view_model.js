// @ts-check
/** Computes what the dialog and the inline panel show, once for both. */
import { cards, lists, tray } from "../model/cards.js";
import { keptUntil, TOLERANCE_MS } from "../model/kept_until.js";
import * as messages from "../text/messages.js";
import { ConnectionState } from "../transport/connection.js";
import { ServerType } from "../transport/protocol.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { NoticeText } from "../view/ui/notice.js"
 * @import { ConnectionStatus } from "../view/status_banner.js"
 * @import { Card, List } from "../model/cards.js"
 * @import { Draft } from "../model/draft.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { Total } from "../model/total_progress.js"
 * @import { Ended } from "../transport/protocol.js"
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
 * @property {boolean} isGone whether the images were thrown away
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
 *   newDraftError: string, selected: ReadonlySet<string>, undoable: ReadonlySet<string>, isReordered: boolean}} shown
 *   waiting: the files of another draft that this browser holds, by name; newDraftError: of `NewDraftError`, or empty
 * @returns {ViewModel}
 */
export function viewModelOf(
  live,
  { total, problems, notices, waiting, newDraftError, selected, undoable, isReordered },
) {
  const { draft } = live;
  const all = cards(draft);
  const limits = draft.snapshot?.limits;
  const status = connectionStatus(live, all, waiting);
  return {
    draft,
    lists: lists(draft),
    cards: all,
    tray: tray(draft),
    total,
    problems,
    notices,
    status: { ...status, newDraftError },
    hint: limits && all.length > 0 ? `${messages.ORDER_HINT} ${messages.accepted(limits)}` : "",
    connected: draft.snapshot !== null,
    live: draft.live,
    isGone: GONE.has(status.state),
    selected,
    undoable,
    isReordered,
    isOpen: live.isOpen,
  };
}

/**
 * @param {LiveDraft} live
 * @param {Card[]} all
 * @param {string[]} waiting
 */
function connectionStatus(live, all, waiting) {
  const isSignedOut = live.connection === ConnectionState.SIGNED_OUT;
  const until = keptUntilOf(live, all, isSignedOut);
  const own = all.filter(({ attached }) => !attached);
  // Nobody who is signed out is told of the end of a draft.
  const isOver = isSignedOut && own.length > 0 && until !== null && Date.now() > until + TOLERANCE_MS;
  return {
    state: isOver ? ConnectionState.EXPIRED : live.connection,
    since: live.disconnectedSince,
    until,
    isSignedOut,
    isSending: live.draft.held.size > 0,
    ended: isOver ? expiredUnseen(own.map(({ name }) => name)) : live.ended,
    held: [...waiting, ...all.filter(({ id }) => live.uploads.fileOf(id) !== null).map(({ name }) => name)],
  };
}

/**
 * @param {LiveDraft} live
 * @param {Card[]} all
 * @param {boolean} isClean whether the server closed the connection on purpose
 * @returns {number|null} null: not known, or nothing there that would be deleted
 */
function keptUntilOf(live, all, isClean) {
  const facts = live.draft.snapshot?.draft;
  if (!facts || all.length === 0) return null;
  const seconds = isClean ? facts.grace_seconds : facts.grace_seconds_lost;
  return keptUntil({ since: live.disconnectedSince, seconds, askedUntil: facts.kept_until });
}

/**
 * @param {string[]} names
 * @returns {Ended}
 */
function expiredUnseen(names) {
  return { type: ServerType.ENDED, reason: "expired", by: "", url: "", names };
}
