// @ts-check
/**
 * The draft, kept in step with the server: what the user does goes out as commands, what the
 * server says comes in as events of the pure model. The views only ask and listen.
 *
 * Events: `change` (the model or the connection moved), `problems` (detail: why files were not
 * taken, or changes not made), `reordered` (by another tab), `recovered` (the connection is back).
 */

import { cards, lacksBytes, lists, tray } from "../model/cards.js";
import { commandOf } from "../model/change_command.js";
import { apply, EMPTY } from "../model/draft.js";
import { MAIN } from "../model/list_id.js";
import { isReordered } from "../model/positions.js";
import * as refusalWords from "../text/error_messages.js";
import { Connection } from "../transport/connection.js";
import { newFileId, newOp } from "../transport/ids.js";
import { ClientType, Code, ServerType } from "../transport/protocol.js";
import { Commands, Over, Refused } from "../transport/requests.js";
import { Outbox } from "../upload/upload_list.js";
import { admit } from "./validation.js";
import { until } from "./wait_until.js";

/**
 * @import { DraftEvent, Intent } from "../model/draft.js"
 * @import { HttpSocket } from "../transport/http_socket.js"
 * @import { Ended, Snapshot } from "../transport/protocol.js"
 */

const NEWER_TIMEOUT_MS = 1_000;
/** As many files as one `reorder` takes. */
const MOVED_AT_ONCE = 200;

export class LiveDraft extends EventTarget {
  #draft = EMPTY;
  #connection;
  #commands;
  #types;
  /** The files of this tab on their way. */
  outbox;
  /** @type {Ended|null} */
  #ended = null;
  #troubleSince = 0;

  /**
   * @param {string} url of the socket
   * @param {string[]} types the content types taken
   * @param {(() => HttpSocket)|null} overHttp see `Connection`
   */
  constructor(url, types, overHttp) {
    super();
    this.#types = types;
    this.#connection = new Connection(url, this, { overHttp });
    const send = (/** @type {object|ArrayBuffer} */ message) => this.#connection.send(message);
    this.#commands = new Commands(send);
    this.outbox = new Outbox({
      commands: this.#commands,
      send,
      order: () => cards(this.#draft).map(({ id }) => id),
      apply: (event) => this.#apply(event),
      onProblem: (problem) => this.#tell("problems", [problem]),
      onRetry: (file) => this.retry(file),
    });
  }

  get draft() {
    return this.#draft;
  }

  get connection() {
    return this.#connection.state;
  }

  /** How the draft ended, and what went with it; null while it lives. */
  get ended() {
    return this.#ended;
  }

  /** When the connection was lost, in milliseconds since the epoch; 0 while it is there. */
  get troubleSince() {
    return this.#troubleSince;
  }

  /** Whether the user may change anything: not after the draft has ended. */
  get isOpen() {
    return !this.#connection.isFinal;
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
   * @param {boolean} sought whether its bytes are being looked for
   */
  seek(file, sought) {
    this.#apply({ type: "sought", file, sought });
  }

  /**
   * The file is not there after all.
   * @param {string} file
   */
  forget(file) {
    this.#apply({ type: "forgotten", file });
  }

  // What the user does ----------------------------------------------------------------------------

  /**
   * @param {File[]} files
   * @param {{list?: string, after?: string|null}} [where] default: behind the product images
   * @returns {string[]} the ids of those that are added, in their order
   */
  add(files, where) {
    return this.put(this.judge(files, where?.list), where);
  }

  /**
   * Goes on with files that were interrupted, and says of others why they cannot be taken.
   * @param {File[]} files
   * @param {string} [list] where they are to go
   * @returns {File[]} those that can be added
   */
  judge(files, list = MAIN) {
    if (!this.isOpen) return [];
    const all = [...cards(this.#draft), ...tray(this.#draft)];
    const { fresh, continued, problems } = admit(files, {
      ...this.#limits,
      count: all.length,
      bytes: all.reduce((total, card) => total + card.size, 0),
      interrupted: all.filter(lacksBytes),
    });
    if (problems.length)
      this.#tell(
        "problems",
        problems.map((problem) => ({ ...problem, list })),
      );
    for (const { id, file } of continued) this.outbox.continue(id, file);
    return fresh;
  }

  /**
   * Whether a file could be taken if there were nothing else.
   * @param {File} file
   */
  takes(file) {
    return admit([file], { ...this.#limits, count: 0, bytes: 0, interrupted: [] }).fresh.length === 1;
  }

  get #limits() {
    const limits = this.#draft.snapshot?.limits ?? null;
    return { types: limits?.content_types ?? this.#types, limits };
  }

  /**
   * @param {File[]} files that were judged
   * @param {{list?: string, after?: string|null}} [where] default: behind the product images
   * @returns {string[]} their ids
   */
  put(files, { list = MAIN, after } = {}) {
    if (!this.isOpen) return [];
    let behind = after;
    return files.map((file) => {
      const id = newFileId();
      this.outbox.announce({ id, file, list, after: behind });
      if (behind !== undefined) behind = id;
      return id;
    });
  }

  /**
   * @param {string[]} files they stand together then, in this order
   * @param {{list: string, after: string|null}} place
   */
  move(files, { list, after }) {
    for (let at = 0; at < files.length; at += MOVED_AT_ONCE) {
      const some = files.slice(at, at + MOVED_AT_ONCE);
      this.#intend({ kind: "move", file: some[0], files: some, list, after: at > 0 ? files[at - 1] : after });
    }
  }

  /** @param {string} file */
  remove(file) {
    const settled = this.#intend({ kind: "remove", file });
    this.outbox.drop(file, settled);
  }

  /**
   * A file goes as soon as another is stored.
   * @param {string} file
   * @param {string|null} by the other one; null: it does not go any more
   */
  replaced(file, by) {
    this.#apply({ type: "replaced", file, by });
  }

  /** @param {string} file */
  restore(file) {
    this.#intend({ kind: "restore", file });
  }

  /** @param {string} file */
  purge(file) {
    this.#intend({ kind: "purge", file });
  }

  /**
   * @param {string} file
   * @param {string} altText
   */
  describe(file, altText) {
    this.#intend({ kind: "describe", file, altText });
  }

  /**
   * Changes the server has not confirmed.
   * @returns {Intent[]}
   */
  get unconfirmed() {
    return this.#draft.intents.filter(({ kind, revision }) => kind !== "add" && revision === null);
  }

  /**
   * Asks for changes again that were made before this page came; one that was carried out is not made twice.
   * @param {Intent[]} intents
   */
  redo(intents) {
    for (const intent of intents) this.#intend(intent);
  }

  /** @param {string} file */
  retry(file) {
    const info = this.#draft.snapshot?.files.find((candidate) => candidate.file === file);
    this.outbox.retry(file, info?.state);
  }

  /**
   * @param {Record<string, string[]>} fields the form's text
   * @returns {Promise<unknown>}
   */
  note(fields) {
    return this.#commands.request({ type: ClientType.NOTE, fields });
  }

  /**
   * @param {Array<{temp_id: string, label: string}>} rows
   * @param {number} revision the newest whose rows the caller knows
   * @returns {Promise<{revision: number}>} rejects with `stale` when another tab was faster, with `Over` when the draft ended
   */
  async variants(rows, revision) {
    try {
      return await this.#commands.request({ type: ClientType.VARIANTS, revision, rows });
    } catch (error) {
      if (error instanceof Refused && error.code !== Code.STALE) this.#tellRefused("", error);
      throw error;
    }
  }

  /**
   * Throws the draft away.
   * @param {number} timeout milliseconds to wait for the server to say so
   * @returns {Promise<boolean>} whether it did
   */
  async discard(timeout) {
    if (!this.#connection.isUp) return false;
    this.#commands.request({ type: ClientType.DISCARD }).catch(() => {});
    return until(this, () => !this.isOpen, timeout);
  }

  /**
   * Resolves when the server has confirmed every change, or after a while.
   * @param {number} timeout milliseconds
   */
  confirmed(timeout) {
    return until(this, () => this.unconfirmed.length === 0, timeout);
  }

  /**
   * Resolves when there is a snapshot, or will be none any more.
   */
  shown() {
    return until(this, () => this.#draft.snapshot !== null || !this.isOpen);
  }

  /**
   * Resolves when a snapshot newer than this revision is there, or after a while without one.
   * @param {number} revision
   */
  newerThan(revision) {
    return until(this, () => (this.#draft.snapshot?.revision ?? -1) > revision, NEWER_TIMEOUT_MS);
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
        return this.outbox.acknowledged(frame);
      case ServerType.ENDED:
        this.#ended = frame;
        return this.#connection.finish(frame.reason);
      default:
        if (!this.#commands.receive(frame) && frame.type === ServerType.ERROR && frame.file) {
          this.outbox.refused(frame.file, new Refused(frame));
        }
    }
  }

  connectionChanged() {
    const live = this.#connection.isUp;
    if (!live) {
      this.#troubleSince ||= Date.now();
      this.#commands.pause();
      this.outbox.pause();
    }
    if (!this.isOpen) this.#commands.end();
    this.#apply({ type: "connected", live });
  }

  // -----------------------------------------------------------------------------------------------

  /** @param {Snapshot} snapshot */
  #snapshot(snapshot) {
    const before = lists(this.#draft);
    this.#apply(snapshot);
    // What this tab did itself is laid over both.
    if (this.#connection.isUp && isReordered(before, lists(this.#draft))) this.#tell("reordered", null);
    if (this.#connection.isUp) return;
    const recovered = this.#draft.live === false && this.#troubleSince > 0;
    this.#troubleSince = 0;
    this.#connection.established();
    this.outbox.resume(snapshot.limits);
    this.#commands.resume();
    if (recovered) this.#tell("recovered", this.#draft.held.size);
  }

  /**
   * Shows a change at once and asks the server for it.
   * @param {Omit<Intent, "op"> & {op?: string}} intent its `op`, if it was asked for before
   */
  async #intend(intent) {
    if (!this.isOpen) return;
    const { op = newOp() } = intent;
    const isOne = (intent.files?.length ?? 1) === 1;
    const name = (isOne && this.#draft.snapshot?.files.find(({ file }) => file === intent.file)?.name) || "";
    this.#apply({ type: "intended", intent: { ...intent, op } });
    try {
      const { revision } = await this.#commands.request({ ...commandOf(intent), op });
      this.#apply({ type: "answered", op, revision });
    } catch (error) {
      // Nothing was refused: what is over stays as the user left it.
      if (error instanceof Over) return;
      this.#apply({ type: "refused", op });
      if (!(error instanceof Refused)) throw error;
      // What is gone is gone: the snapshot shows it without words.
      if (error.code !== Code.FILE_NOT_FOUND) this.#tellRefused(name, error);
    }
  }

  /**
   * @param {string} name of the file the change was about; empty: of none
   * @param {Refused} refused
   */
  #tellRefused(name, refused) {
    this.#tell("problems", [{ name, message: refusalWords.refused(refused), isChange: true }]);
  }

  /** @param {DraftEvent} event */
  #apply(event) {
    this.#draft = apply(this.#draft, event);
    this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
