// @ts-check
/** Computes what the dialog and the inline panel show, once for both. */
import { CardState, cards, lists, removedCards } from "../model/cards.js";
import { keptUntil, TOLERANCE_MS } from "../model/kept_until.js";
import { endedDraft } from "../recovery/ended_draft.js";
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
 * @property {Card[]} removedCards
 * @property {Total} total
 * @property {ConnectionStatus} status
 * @property {Problem[]} problems
 * @property {Array<NoticeText|null>} notices about files cached in this browser
 * @property {string} hint the requirements for product images
 * @property {boolean} connected whether a snapshot has arrived
 * @property {boolean} live
 * @property {number} count number of images, without those of an ended draft
 * @property {ReadonlySet<string>} selected cards selected in the dialog, to be moved or removed together
 * @property {boolean} isReordered whether another tab has just changed the order
 * @property {ReadonlySet<string>} undoable lists whose sorting can be undone
 * @property {boolean} isOpen whether the draft can be changed
 */

/** @type {ReadonlySet<string>} */
const GONE = new Set([ConnectionState.EXPIRED, ConnectionState.DISCARDED]);

/**
 * @param {LiveDraft} live
 * @param {{total: Total, problems: Problem[], notices: Array<NoticeText|null>, waiting: string[],
 *   newDraftError: string, problem: string, selected: ReadonlySet<string>, undoable: ReadonlySet<string>, isReordered: boolean}} shown
 *   waiting: names of the files of another draft that this browser holds; newDraftError: a `NewDraftError`, or empty;
 *   problem: what is wrong with the server, or empty
 * @returns {ViewModel}
 */
export function viewModelOf(
  live,
  { total, problems, notices, waiting, newDraftError, problem, selected, undoable, isReordered },
) {
  const { draft } = live;
  const status = connectionStatus(live, cards(draft), waiting);
  const end = GONE.has(status.state) ? whatIsLeft(live, status, waiting) : null;
  const shown = end?.lists ?? lists(draft);
  const all = shown.flatMap((list) => list.cards);
  const limits = draft.snapshot?.limits;
  return {
    draft,
    lists: shown,
    cards: all,
    count: all.filter(({ state }) => state !== CardState.GONE).length,
    removedCards: end ? [] : removedCards(draft),
    total,
    problems,
    notices,
    status: { ...status, end, newDraftError, problem },
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
 * @param {{state: string, ended: Ended|null}} status
 * @param {string[]} waiting
 */
function whatIsLeft({ draft, uploads }, { state, ended }, waiting) {
  const isRestorable = state === ConnectionState.EXPIRED;
  return endedDraft({
    draft,
    lists: lists(draft),
    names: ended?.names ?? [],
    waiting: isRestorable ? waiting : [],
    // What was discarded is not offered again.
    isHeld: (file) => isRestorable && uploads.fileOf(file) !== null,
  });
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
  // A signed-out tab is not notified of the end of a draft.
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
 * @param {boolean} isClean whether the server closed the connection deliberately
 * @returns {number|null} null if unknown, or if nothing would be deleted
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
