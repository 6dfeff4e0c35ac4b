// @ts-check
/**
 * Turns a draft into the lists of cards that the views show, with pending changes applied to the server's snapshot.
 * Pure.
 */
import { MAIN } from "./list_id.js";

/**
 * @import { Draft, Fault, PendingChange } from "./draft.js"
 * @import { FileInfo } from "../transport/protocol.js"
 */

/** The values of a card's `data-state`. */
export const CardState = Object.freeze({
  QUEUED: "queued",
  UPLOADING: "uploading",
  PAUSED: "paused",
  ELSEWHERE: "elsewhere",
  INTERRUPTED: "interrupted",
  PROCESSING: "processing",
  RETRYING: "retrying",
  STORED: "stored",
  ATTACHED: "attached",
  FAILED: "failed",
  REMOVED: "removed",
  GONE: "gone",
});

/** A code that only the client uses: the file can no longer be read from disk. */
export const UNREADABLE = "unreadable";

/**
 * @typedef {object} Card one file, as the views show it
 * @property {string} id
 * @property {string} name
 * @property {number} size bytes
 * @property {string} list
 * @property {number} place index from 0
 * @property {number} count cards in its list
 * @property {string} state one of `CardState`
 * @property {number} received bytes
 * @property {number} ahead queued files before this one
 * @property {boolean} held
 * @property {boolean} leaving whether it is removed once the file that replaces it is stored
 * @property {boolean} attached whether it belongs to the edited product
 * @property {string} url
 * @property {string} altText
 * @property {boolean} [stalled] whether it makes no progress although connected
 * @property {Fault|null} error
 * @property {number|null} takenAt milliseconds since 1970 (UTC); null if unknown
 */

/** @typedef {{id: string, label: string, cards: Card[]}} List */

/**
 * The lists in page order: the product images, then one list per variant row.
 * @param {Draft} draft
 * @returns {List[]}
 */
export function lists(draft) {
  const { files } = overlaid(draft);
  const variants = (draft.snapshot?.variants ?? []).map(({ temp_id, label }) => ({ id: temp_id, label }));
  const known = new Set(variants.map(({ id }) => id));
  let ahead = 0;
  return [{ id: MAIN, label: "" }, ...variants].map(({ id, label }) => {
    // A file whose row is gone is about to move to the product images.
    const mine = files.filter((file) => file.state !== "removed" && home(file, known) === id);
    const cards = mine.map((file, place) => {
      const card = toCard(draft, file, { list: id, place, count: mine.length, ahead });
      if (card.state === CardState.QUEUED) ahead += 1;
      return card;
    });
    return { id, label, cards };
  });
}

/**
 * The removed files, which can be restored.
 * @param {Draft} draft
 * @returns {Card[]}
 */
export function removedCards(draft) {
  const removed = overlaid(draft).files.filter((file) => file.state === "removed");
  return removed.map((file, place) =>
    toCard(draft, file, { list: listOf(file), place, count: removed.length, ahead: 0 }),
  );
}

/**
 * Every card of every list, in order.
 * @param {Draft} draft
 */
export function cards(draft) {
  return lists(draft).flatMap((list) => list.cards);
}

/**
 * Whether the file waits for bytes that no tab has; choosing it again resumes it.
 * @param {Card} card
 */
export function lacksBytes({ state, error }) {
  return state === CardState.INTERRUPTED || (state === CardState.FAILED && error?.code === UNREADABLE);
}

/**
 * Whether it failed in a way that a retry may fix.
 * @param {Card} card
 */
export function isRetryable({ state, error }) {
  return state === CardState.FAILED && error?.retryable === true;
}

/**
 * Whether a save would have to wait for this card.
 * @param {Card} card
 */
export function isUnfinished(card) {
  return !FINISHED.has(card.state);
}

/**
 * Whether it is being uploaded or checked, or will be without user action.
 * @param {Card} card
 */
export function isInProgress(card) {
  return isUnfinished(card) && card.state !== CardState.INTERRUPTED;
}

/** @type {ReadonlySet<string>} */
const FINISHED = new Set([CardState.STORED, CardState.ATTACHED, CardState.FAILED, CardState.REMOVED, CardState.GONE]);

/** @param {FileInfo} file */
function listOf(file) {
  return file.variant_temp_id ?? MAIN;
}

/**
 * @param {FileInfo} file
 * @param {Set<string>} known
 */
function home(file, known) {
  return known.has(listOf(file)) ? listOf(file) : MAIN;
}

/**
 * The snapshot's files in order, with the pending changes applied.
 * @param {Draft} draft
 * @returns {{files: FileInfo[]}}
 */
function overlaid(draft) {
  const ordered = [...(draft.snapshot?.files ?? [])].sort((one, other) => one.sequence - other.sequence);
  return { files: draft.pendingChanges.reduce(laidOver, ordered) };
}

/**
 * @param {FileInfo[]} files
 * @param {PendingChange} change
 * @returns {FileInfo[]}
 */
function laidOver(files, change) {
  const file = files.find((candidate) => candidate.file === change.file);
  if (change.kind === "add") return file || !change.info ? files : placed(files, [change.info], change);
  if (change.kind === "move") return moved(files, change);
  if (!file) return files;
  const others = files.filter((candidate) => candidate !== file);
  switch (change.kind) {
    case "remove":
      return isKept(file) ? changed(files, file, { state: "removed" }) : others;
    case "restore":
      return changed(files, file, { state: file.attached ? "attached" : "stored" });
    case "describe":
      return changed(files, file, { alt_text: change.altText ?? "" });
    default:
      return others;
  }
}

/**
 * @param {FileInfo[]} files
 * @param {PendingChange} change
 */
function moved(files, change) {
  const { files: ids = [], list } = change;
  const going = ids.flatMap((id) => files.find(({ file }) => file === id) ?? []);
  const others = files.filter((file) => !going.includes(file));
  return placed(
    others,
    going.map((file) => ({ ...file, variant_temp_id: list || null })),
    change,
  );
}

/**
 * @param {FileInfo[]} files
 * @param {FileInfo[]} more they stay together
 * @param {PendingChange} change
 */
function placed(files, more, { after }) {
  if (after === null) return [...more, ...files];
  const index = files.findIndex((candidate) => candidate.file === after);
  // Unknown or omitted: last.
  return index < 0 ? [...files, ...more] : files.toSpliced(index + 1, 0, ...more);
}

/**
 * @param {FileInfo[]} files
 * @param {FileInfo} file
 * @param {Partial<FileInfo>} change
 */
function changed(files, file, change) {
  return files.map((candidate) => (candidate === file ? { ...file, ...change } : candidate));
}

/** @param {FileInfo} file whether removing it makes it restorable */
function isKept(file) {
  return file.state === "stored" || file.state === "attached";
}

/**
 * @param {Draft} draft
 * @param {FileInfo} file
 * @param {{list: string, place: number, count: number, ahead: number}} where
 * @returns {Card}
 */
function toCard(draft, file, where) {
  const held = draft.held.has(file.file);
  const fault = draft.faults.get(file.file) ?? null;
  const received = draft.received.get(file.file) ?? 0;
  return {
    ...where,
    id: file.file,
    name: file.name,
    size: file.size,
    state: fault ? (fault.attempt ? CardState.RETRYING : CardState.FAILED) : cardState(draft, file, { held, received }),
    received: Math.min(received, file.size),
    held,
    leaving: draft.replacing.has(file.file),
    attached: file.attached,
    url: file.url,
    altText: file.alt_text,
    takenAt: file.taken_at,
    error: fault ?? file.error,
  };
}

/** @type {Record<string, string>} */
const SETTLED = {
  checking: CardState.PROCESSING,
  storing: CardState.PROCESSING,
  stored: CardState.STORED,
  attached: CardState.ATTACHED,
  rejected: CardState.FAILED,
  removed: CardState.REMOVED,
};

/**
 * @param {Draft} draft
 * @param {FileInfo} file
 * @param {{held: boolean, received: number}} here
 */
function cardState(draft, file, { held, received }) {
  if (file.state !== "receiving") return SETTLED[file.state];
  // All bytes have arrived; only the server can confirm that they are an image and stored.
  if (received >= file.size) return CardState.PROCESSING;
  if (held && draft.sending.has(file.file)) return CardState.UPLOADING;
  if (held && received === 0) return CardState.QUEUED;
  if (!draft.live) return CardState.PAUSED;
  if (held) return CardState.QUEUED;
  if (file.sending) return CardState.ELSEWHERE;
  return draft.searching.has(file.file) ? CardState.QUEUED : CardState.INTERRUPTED;
}
