// @ts-check
/**
 * Keeps the draft in sync with the server: changes go out as commands, and messages come in as events of the pure
 * model. Views only call and listen.
 *
 * Events: `change` (the model or the connection changed), `problems` (detail: why files were not added, or changes not
 * made), `reordered` (by another tab), `recovered` (the connection is back).
 */
import { cards, lacksBytes, lists, removedCards } from "../model/cards.js";
import { commandFor } from "../model/change_command.js";
import { applyEvent, EMPTY_DRAFT } from "../model/draft.js";
import { MAIN } from "../model/list_id.js";
import { isReordered } from "../model/positions.js";
import * as errorMessages from "../text/error_messages.js";
import { Connection, ConnectionState } from "../transport/connection.js";
import { newFileId, newOp } from "../transport/ids.js";
import { ClientType, Code, ServerType } from "../transport/protocol.js";
import { DraftEndedError, RefusedError, Requests } from "../transport/requests.js";
import { UploadList } from "../upload/upload_list.js";
import { validateFiles } from "./validation.js";
import { waitUntil } from "./wait_until.js";

/**
 * @import { DraftEvent, PendingChange } from "../model/draft.js"
 * @import { HttpSocket } from "../transport/http_socket.js"
 * @import { Ended, Snapshot } from "../transport/protocol.js"
 */

const REVISION_TIMEOUT_MS = 1_000;
/** The maximum number of files in one `reorder`. */
const MAX_MOVED_FILES = 200;

export class LiveDraft extends EventTarget {
  #draft = EMPTY_DRAFT;
  #connection;
  #requests;
  #types;
  /** The uploads of this tab. */
  uploads;
  /** @type {Ended|null} */
  #ended = null;
  #troubleSince = 0;

  /**
   * @param {string} url of the socket
   * @param {string[]} types accepted content types
   * @param {(() => HttpSocket)|null} openHttp see `Connection`
   */
  constructor(url, types, openHttp) {
    super();
    this.#types = types;
    this.#connection = new Connection(url, this, { openHttp });
    const send = (/** @type {object|ArrayBuffer} */ message) => this.#connection.send(message);
    this.#requests = new Requests(send);
    this.uploads = new UploadList({
      requests: this.#requests,
      send,
      order: () => cards(this.#draft).map(({ id }) => id),
      apply: (event) => this.#apply(event),
      onProblem: (problem) => this.#emit("problems", [problem]),
      onRetry: (file) => this.retry(file),
    });
  }

  get draft() {
    return this.#draft;
  }

  get connection() {
    return this.#connection.state;
  }

  /** How the draft ended and which images were lost; null while it is live. */
  get ended() {
    return this.#ended;
  }

  /** When the connection was lost, in milliseconds since the epoch; 0 while connected. */
  get disconnectedSince() {
    return this.#troubleSince;
  }

  /** Whether the draft can still be changed, which is not the case after it has ended. */
  get isOpen() {
    return !this.#connection.isFinal;
  }

  /** Whether a later page may need what is in this one: not after a save or a discard. */
  get mayComeBack() {
    return !(
      /** @type {string[]} */ ([ConnectionState.COMMITTED, ConnectionState.DISCARDED]).includes(this.connection)
    );
  }

  start() {
    this.#connection.start();
  }

  stop() {
    this.#connection.stop();
  }

  tryNow() {
    this.#connection.tryNow();
  }

  /**
   * @param {string} file
   * @param {boolean} isSearching whether its bytes are being looked for
   */
  markSearching(file, isSearching) {
    this.#apply({ type: "searching", file, isSearching });
  }

  /**
   * Removes a file that turned out not to exist.
   * @param {string} file
   */
  forgetFile(file) {
    this.#apply({ type: "forgotten", file });
  }

  // User actions ------------------------------------------------------------------------------------

  /**
   * @param {File[]} files
   * @param {{list?: string, after?: string|null}} [where] default: after the product images
   * @returns {string[]} the ids of the added files, in order
   */
  add(files, where) {
    return this.addValidated(this.validate(files, where?.list), where);
  }

  /**
   * Resumes interrupted files, and reports why others cannot be added.
   * @param {File[]} files
   * @param {string} [list] where they go
   * @returns {File[]} the files that can be added
   */
  validate(files, list = MAIN) {
    if (!this.isOpen) return [];
    const all = [...cards(this.#draft), ...removedCards(this.#draft)];
    const { fresh, continued, problems } = validateFiles(files, {
      ...this.#limits,
      count: all.length,
      bytes: all.reduce((total, card) => total + card.size, 0),
      interrupted: all.filter(lacksBytes),
    });
    if (problems.length)
      this.#emit(
        "problems",
        problems.map((problem) => ({ ...problem, list })),
      );
    for (const { id, file } of continued) this.uploads.resumeFile(id, file);
    return fresh;
  }

  /** @param {File} file whether it could be added to an empty draft */
  accepts(file) {
    return validateFiles([file], { ...this.#limits, count: 0, bytes: 0, interrupted: [] }).fresh.length === 1;
  }

  get #limits() {
    const limits = this.#draft.snapshot?.limits ?? null;
    return { types: limits?.content_types ?? this.#types, limits };
  }

  /**
   * @param {File[]} files validated files
   * @param {{list?: string, after?: string|null}} [where] default: after the product images
   * @returns {string[]} their ids
   */
  addValidated(files, { list = MAIN, after } = {}) {
    if (!this.isOpen) return [];
    let behind = after;
    return files.map((file) => {
      const id = newFileId();
      this.uploads.announce({ id, file, list, after: behind });
      if (behind !== undefined) behind = id;
      return id;
    });
  }

  /**
   * @param {string[]} files in the order in which they will be together
   * @param {{list: string, after: string|null}} place
   */
  move(files, { list, after }) {
    for (let at = 0; at < files.length; at += MAX_MOVED_FILES) {
      const some = files.slice(at, at + MAX_MOVED_FILES);
      this.#request({ kind: "move", file: some[0], files: some, list, after: at > 0 ? files[at - 1] : after });
    }
  }

  /** @param {string} file */
  remove(file) {
    const settled = this.#request({ kind: "remove", file });
    this.uploads.cancel(file, settled);
  }

  /**
   * Marks a file to be removed as soon as another one is stored.
   * @param {string} file
   * @param {string|null} by the other file; null: cancel the removal
   */
  markReplacing(file, by) {
    this.#apply({ type: "replaced", file, by });
  }

  /** @param {string} file */
  restore(file) {
    this.#request({ kind: "restore", file });
  }

  /** @param {string} file */
  purge(file) {
    this.#request({ kind: "purge", file });
  }

  /**
   * @param {string} file
   * @param {string} altText
   */
  describe(file, altText) {
    this.#request({ kind: "describe", file, altText });
  }

  /**
   * Changes that the server has not confirmed.
   * @returns {PendingChange[]}
   */
  get unconfirmed() {
    return this.#draft.pendingChanges.filter(({ kind, revision }) => kind !== "add" && revision === null);
  }

  /**
   * Sends changes again that were made before a reload; the server applies none of them twice.
   * @param {PendingChange[]} pendingChanges
   */
  reapply(pendingChanges) {
    for (const change of pendingChanges) this.#request(change);
  }

  /** @param {string} file */
  retry(file) {
    this.uploads.retry(file, this.#draft.snapshot?.files.find((candidate) => candidate.file === file)?.state);
  }

  /**
   * @param {{type: string, op?: string, [field: string]: unknown}} message `edit`, or `note`
   * @param {{once?: boolean}} [options] once: do not repeat it on the next socket
   * @returns {Promise<{revision: number}>}
   */
  saveText(message, options) {
    return this.#requests.request(message, options);
  }

  /**
   * @param {Array<{temp_id: string, label: string}>} rows
   * @param {number} revision the newest revision whose rows the caller knows
   * @param {boolean} isLast whether the caller will not retry: then a temporary refusal is reported too
   * @returns {Promise<{revision: number}>} rejects with `stale` if another tab changed them first, or with
   *   `DraftEndedError`
   */
  async saveVariants(rows, revision, isLast) {
    try {
      return await this.#requests.request({ type: ClientType.VARIANTS, revision, rows });
    } catch (error) {
      const isFinal = error instanceof RefusedError && error.code !== Code.STALE && (isLast || !error.retryable);
      if (isFinal) this.#emitRefused("", error);
      throw error;
    }
  }

  /**
   * Discards the draft.
   * @param {number} timeout milliseconds to wait for the server's confirmation
   * @returns {Promise<boolean>} whether the server confirmed
   */
  async discard(timeout) {
    if (!this.#connection.isUp) return false;
    this.#requests.request({ type: ClientType.DISCARD }).catch(() => {});
    return waitUntil(this, () => !this.isOpen, timeout);
  }

  /**
   * Resolves when the server has confirmed every change, or after a while.
   * @param {number} timeout milliseconds
   */
  waitForConfirmation(timeout) {
    return waitUntil(this, () => this.unconfirmed.length === 0, timeout);
  }

  /** Resolves when a snapshot has arrived, or when none will come. */
  waitForSnapshot() {
    return waitUntil(this, () => this.#draft.snapshot !== null || !this.isOpen);
  }

  /**
   * Resolves when a snapshot newer than this revision has arrived, or after a timeout.
   * @param {number} revision
   */
  waitForRevision(revision) {
    return waitUntil(this, () => (this.#draft.snapshot?.revision ?? -1) > revision, REVISION_TIMEOUT_MS);
  }

  // ConnectionDelegate ----------------------------------------------------------------------------

  /** @param {any} frame */
  connectionReceived(frame) {
    switch (frame.type) {
      case ServerType.SNAPSHOT:
        return this.#snapshot(frame);
      case ServerType.PROGRESS:
        return this.#apply(frame);
      case ServerType.ACK:
        return this.uploads.acknowledged(frame);
      case ServerType.ENDED:
        this.#ended = frame;
        return this.#connection.finish(frame.reason);
      default:
        if (!this.#requests.receive(frame) && frame.type === ServerType.ERROR && frame.file) {
          this.uploads.refused(frame.file, new RefusedError(frame));
        }
    }
  }

  connectionChanged() {
    const live = this.#connection.isUp;
    if (!live) {
      this.#troubleSince ||= Date.now();
      this.#requests.pause();
      this.uploads.pause();
    }
    if (!this.isOpen) this.#requests.end();
    this.#apply({ type: "connected", live });
  }

  // -----------------------------------------------------------------------------------------------

  /** @param {Snapshot} snapshot */
  #snapshot(snapshot) {
    const before = lists(this.#draft);
    this.#apply(snapshot);
    // Changes of this tab are part of both.
    if (this.#connection.isUp && isReordered(before, lists(this.#draft))) this.#emit("reordered", null);
    if (this.#connection.isUp) return;
    const recovered = this.#draft.live === false && this.#troubleSince > 0;
    this.#troubleSince = 0;
    this.#connection.markEstablished();
    this.uploads.resume(snapshot.limits);
    this.#requests.resume();
    if (recovered) this.#emit("recovered", this.#draft.held.size);
  }

  /**
   * Shows a change at once and sends it to the server.
   * @param {Omit<PendingChange, "op"> & {op?: string}} change with its `op` if it was sent before
   */
  async #request(change) {
    if (!this.isOpen) return;
    const { op = newOp() } = change;
    const isOne = (change.files?.length ?? 1) === 1;
    const name = (isOne && this.#draft.snapshot?.files.find(({ file }) => file === change.file)?.name) || "";
    this.#apply({ type: "changed", change: { ...change, op } });
    try {
      const { revision } = await this.#requests.request({ ...commandFor(change), op });
      this.#apply({ type: "answered", op, revision });
    } catch (error) {
      // Not refused: an ended draft stays as the user left it.
      if (error instanceof DraftEndedError) return;
      this.#apply({ type: "refused", op });
      if (!(error instanceof RefusedError)) throw error;
      // A missing file needs no message, because the snapshot shows it.
      if (error.code !== Code.FILE_NOT_FOUND) this.#emitRefused(name, error);
    }
  }

  /**
   * @param {string} name of the file that the change was about; empty if none
   * @param {RefusedError} refused
   */
  #emitRefused(name, refused) {
    this.#emit("problems", [{ name, message: errorMessages.refused(refused), isChange: true }]);
  }

  /** @param {DraftEvent} event */
  #apply(event) {
    this.#draft = applyEvent(this.#draft, event);
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
