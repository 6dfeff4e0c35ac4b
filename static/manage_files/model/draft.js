// @ts-check
/**
 * The draft as this tab knows it: the server's latest snapshot, changes that no snapshot contains yet, and upload
 * progress. Pure: `applyEvent(draft, event)` returns a new draft.
 *
 * The snapshot is the truth. A *pending change* is applied to it from the click until a snapshot contains it or the
 * server refuses it, so that the user never waits for the network, and a lost or refused change corrects itself.
 */
import { ServerType } from "../transport/protocol.js";

/** @import { FileError, FileInfo, Progress, Snapshot } from "../transport/protocol.js" */

/**
 * @typedef {object} PendingChange a change made by the user
 * @property {string} op
 * @property {"add"|"move"|"remove"|"restore"|"purge"|"describe"} kind
 * @property {string} file move: the first of `files`
 * @property {string[]} [files] move: all files that move, in their new order
 * @property {string} [list] add, move: the list it goes to
 * @property {string|null} [after] add, move: the file to insert it after; null: first; omitted: last
 * @property {FileInfo} [info] add: what the server will report about it
 * @property {string} [altText] describe
 * @property {number|null} [revision] the revision that contains it, once the server has responded
 */

/** @typedef {FileError & {attempt?: number}} Fault attempt: which try comes next by itself, from 1; 0 or absent: none */

/**
 * @typedef {object} Draft
 * @property {Snapshot|null} snapshot null until the first connect
 * @property {boolean} live whether the connection receives frames now
 * @property {readonly PendingChange[]} pendingChanges
 * @property {ReadonlySet<string>} held files whose bytes this tab has and sends
 * @property {ReadonlySet<string>} sending held files being sent now
 * @property {ReadonlySet<string>} searching files whose bytes this browser may have cached
 * @property {ReadonlyMap<string, number>} received bytes on the server, by file
 * @property {ReadonlyMap<string, string>} replacing files to remove once another is stored: the other one, by file
 * @property {ReadonlyMap<string, Fault>} faults errors that no snapshot contains, by file
 */

/**
 * @typedef {Snapshot | Progress
 *   | {type: "connected", live: boolean}
 *   | {type: "held", file: string, held: boolean}
 *   | {type: "turn", file: string, sending: boolean}
 *   | {type: "searching", file: string, isSearching: boolean}
 *   | {type: "replaced", file: string, by: string|null}
 *   | {type: "received", file: string, bytes: number}
 *   | {type: "changed", change: PendingChange}
 *   | {type: "answered", op: string, revision: number}
 *   | {type: "refused", op: string}
 *   | {type: "failed", file: string, error: Fault|null}
 *   | {type: "forgotten", file: string}} DraftEvent
 */

/** @type {Draft} */
export const EMPTY_DRAFT = Object.freeze({
  snapshot: null,
  live: false,
  pendingChanges: [],
  held: new Set(),
  sending: new Set(),
  searching: new Set(),
  received: new Map(),
  replacing: new Map(),
  faults: new Map(),
});

/** @type {Record<string, (draft: Draft, event: any) => Draft>} */
const REDUCERS = {
  [ServerType.SNAPSHOT]: withSnapshot,
  [ServerType.PROGRESS]: withProgress,
  connected: (draft, { live }) => ({ ...draft, live, sending: live ? draft.sending : new Set() }),
  held: (draft, { file, held }) => ({ ...draft, held: setToggle(draft.held, file, held) }),
  turn: (draft, { file, sending }) => ({ ...draft, sending: setToggle(draft.sending, file, sending) }),
  searching: (draft, { file, isSearching }) => ({ ...draft, searching: setToggle(draft.searching, file, isSearching) }),
  replaced: (draft, { file, by }) => ({ ...draft, replacing: mapSet(draft.replacing, file, by) }),
  received: (draft, { file, bytes }) => ({ ...draft, received: mapSet(draft.received, file, bytes) }),
  changed: (draft, { change }) => ({
    ...draft,
    pendingChanges: [...draft.pendingChanges, { revision: null, ...change }],
  }),
  answered: withAnswer,
  refused: (draft, { op }) => ({ ...draft, pendingChanges: draft.pendingChanges.filter((change) => change.op !== op) }),
  failed: (draft, { file, error }) => ({ ...draft, faults: mapSet(draft.faults, file, error) }),
  forgotten: removeFile,
};

/**
 * @param {Draft} draft
 * @param {DraftEvent} event
 * @returns {Draft}
 */
export function applyEvent(draft, event) {
  return REDUCERS[event.type](draft, event);
}

/**
 * @param {Draft} draft
 * @param {Snapshot} snapshot
 * @returns {Draft}
 */
function withSnapshot(draft, snapshot) {
  if (draft.snapshot && snapshot.revision < draft.snapshot.revision) return draft;
  const states = new Map(snapshot.files.map((file) => [file.file, file.state]));
  // A file past receiving needs neither its bytes nor its old error any more.
  const past = [...states].filter(([, state]) => state !== "receiving").map(([file]) => file);
  // Another tab sent all their bytes and closed before finishing them; otherwise their cards would stay "checking".
  const left = snapshot.files.filter(
    ({ file, size, state, sending }) =>
      state === "receiving" && !sending && !draft.held.has(file) && (draft.received.get(file) ?? 0) >= size,
  );
  return {
    ...draft,
    snapshot,
    pendingChanges: draft.pendingChanges.filter((change) => !isContained(change, snapshot.revision, states)),
    received: mapDelete(
      draft.received,
      left.map(({ file }) => file),
    ),
    faults: mapDelete(draft.faults, past),
  };
}

/**
 * @param {Draft} draft
 * @param {Progress} progress
 * @returns {Draft}
 */
function withProgress(draft, { file, received }) {
  // The acknowledgements say exactly what this tab itself has sent.
  if (draft.held.has(file)) return draft;
  return { ...draft, received: mapSet(draft.received, file, received) };
}

/**
 * @param {PendingChange} change
 * @param {number} revision
 * @param {Map<string, string>} states by file
 */
function isContained(change, revision, states) {
  // The response to `add` is a transfer, which has no revision.
  if (change.kind === "add") return states.has(change.file);
  return typeof change.revision === "number" && change.revision <= revision;
}

/**
 * @param {Draft} draft
 * @param {{op: string, revision: number}} answer
 * @returns {Draft}
 */
function withAnswer(draft, { op, revision }) {
  const seen = draft.snapshot !== null && draft.snapshot.revision >= revision;
  const pendingChanges = seen
    ? draft.pendingChanges.filter((change) => change.op !== op)
    : draft.pendingChanges.map((change) => (change.op === op ? { ...change, revision } : change));
  return { ...draft, pendingChanges };
}

/**
 * @param {Draft} draft
 * @param {{file: string}} event
 * @returns {Draft}
 */
function removeFile(draft, { file }) {
  return {
    ...draft,
    pendingChanges: draft.pendingChanges.filter((change) => !(change.file === file && change.kind === "add")),
    held: setToggle(draft.held, file, false),
    sending: setToggle(draft.sending, file, false),
    received: mapDelete(draft.received, [file]),
    faults: mapDelete(draft.faults, [file]),
  };
}

/**
 * @param {ReadonlySet<string>} set
 * @param {string} value
 * @param {boolean} present
 */
function setToggle(set, value, present) {
  if (set.has(value) === present) return set;
  const copy = new Set(set);
  if (present) copy.add(value);
  else copy.delete(value);
  return copy;
}

/**
 * @template T
 * @param {ReadonlyMap<string, T>} map
 * @param {string} key
 * @param {T|null} value null: delete the entry
 */
function mapSet(map, key, value) {
  if (value === null) return mapDelete(map, [key]);
  return new Map(map).set(key, value);
}

/**
 * @template T
 * @param {ReadonlyMap<string, T>} map
 * @param {string[]} keys
 */
function mapDelete(map, keys) {
  if (!keys.some((key) => map.has(key))) return map;
  const copy = new Map(map);
  for (const key of keys) copy.delete(key);
  return copy;
}
