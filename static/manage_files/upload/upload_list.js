// @ts-check
/**
 * Tracks the files of this tab that are being added to the draft, chosen here or restored from the cache: shows them
 * before the server knows them, and reports those it refuses.
 */
import { UNREADABLE } from "../model/cards.js";
import { displayName } from "../model/display_name.js";
import * as errorMessages from "../text/error_messages.js";
import { newOp } from "../transport/ids.js";
import { ClientType, Code } from "../transport/protocol.js";
import { DraftEndedError, RefusedError } from "../transport/requests.js";
import { addCommand, provisionalInfo, resumeCommand } from "./announcement.js";
import { AutoRetry } from "./auto_retry.js";
import { Uploader } from "./uploader.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { Requests } from "../transport/requests.js"
 * @import { DraftEvent } from "../model/draft.js"
 * @import { Announcement } from "./announcement.js"
 * @import { LimitsInfo } from "../transport/protocol.js"
 */

/** @type {ReadonlySet<string>} refusals of a file that never got into the draft */
const REJECTED = new Set([
  Code.EMPTY_FILE,
  Code.UNSUPPORTED_TYPE,
  Code.TOO_LARGE,
  Code.TOO_MANY_FILES,
  Code.DRAFT_FULL,
  Code.FILE_ID_TAKEN,
]);
/** @type {ReadonlySet<string>} refusals that mean the file is no longer ours to send */
const TAKEN_AWAY = new Set([Code.SUPERSEDED, Code.FILE_NOT_FOUND]);

export class UploadList {
  /** @type {Map<string, File>} every file of this tab, kept until the page is left */
  #files = new Map();
  /** @type {Map<string, Announcement>} files that the server may not know */
  #announcements = new Map();
  #autoRetry;
  #requests;
  #uploader;
  #apply;
  #onProblem;
  /** @type {LimitsInfo|null} */
  #limits = null;
  /** All files of the draft, in order; uploads follow it. */
  uploadOrder;

  /**
   * @param {object} parts
   * @param {Requests} parts.requests
   * @param {(chunk: ArrayBuffer) => boolean} parts.send
   * @param {() => string[]} parts.order all files of the draft, in order
   * @param {(event: DraftEvent) => void} parts.apply changes this tab's model of the draft
   * @param {(problem: Problem) => void} parts.onProblem called when a file was refused
   * @param {(file: string) => void} parts.onRetry called when it is time to retry a file
   */
  constructor({ requests, send, order, apply, onProblem, onRetry }) {
    this.#autoRetry = new AutoRetry(onRetry);
    this.#requests = requests;
    this.#uploader = new Uploader(requests, send, this);
    this.uploadOrder = order;
    this.#apply = apply;
    this.#onProblem = onProblem;
  }

  /**
   * Returns the bytes of a file, if this tab has them.
   * @param {string} id
   */
  fileOf(id) {
    return this.#files.get(id) ?? null;
  }

  /**
   * Adds bytes that were chosen before a reload.
   * @param {string} id
   * @param {File} file
   */
  addLocalFile(id, file) {
    this.#files.set(id, file);
  }

  /**
   * Adds a file to the draft and uploads it.
   * @param {Announcement} announcement
   */
  announce(announcement) {
    const { id: file, list, after } = announcement;
    const op = newOp();
    this.#announcements.set(file, announcement);
    this.#apply({
      type: "changed",
      change: { op, kind: "add", file, list, after, info: provisionalInfo(announcement) },
    });
    this.#upload(file, announcement.file, { ...addCommand(announcement), op });
  }

  /**
   * Resumes a file at the offset the server has reached.
   * @param {string} id
   * @param {File} file
   */
  resumeFile(id, file) {
    this.#apply({ type: "failed", file: id, error: null });
    this.#upload(id, file, resumeCommand({ id, file }));
  }

  /**
   * @param {string} id
   * @param {string|undefined} state the file's state according to the server, which must be asked to retry a rejected
   *   one
   */
  retry(id, state) {
    const file = this.fileOf(id);
    const announcement = this.#announcements.get(id);
    const isRejected = state === "rejected";
    const retry = { type: ClientType.RETRY, file: id };
    this.#autoRetry.cancelTimer(id);
    this.#apply({ type: "failed", file: id, error: null });
    // A file that never got into the draft is announced again, because there is nothing to resume.
    if (file && announcement && state === undefined) this.#upload(id, file, addCommand(announcement));
    else if (file) this.#upload(id, file, isRejected ? retry : resumeCommand({ id, file }));
    else if (isRejected) this.#requests.request(retry).catch((error) => this.uploadFailed(id, error));
  }

  /**
   * Stops the upload of a file that the user removed.
   * @param {string} file
   * @param {Promise<unknown>} settled resolves when the server knows
   */
  cancel(file, settled) {
    this.#autoRetry.reset(file);
    this.#uploader.cancel(file, settled);
    this.#apply({ type: "forgotten", file });
  }

  /**
   * Continues on a new connection.
   * @param {LimitsInfo} limits
   */
  resume(limits) {
    this.#limits = limits;
    this.#uploader.resume(limits);
  }

  /** Pauses, because the connection is gone. */
  pause() {
    this.#uploader.pause();
  }

  /** @param {{handle: number, offset: number}} ack */
  acknowledged(ack) {
    this.#uploader.acknowledged(ack);
  }

  /**
   * @param {string} file
   * @param {RefusedError} refused
   */
  refused(file, refused) {
    this.#uploader.refused(file, refused);
  }

  // UploaderDelegate ------------------------------------------------------------------------------

  /**
   * @param {string} file
   * @param {number} bytes
   */
  uploadProgressed(file, bytes) {
    this.#apply({ type: "received", file, bytes });
  }

  /**
   * @param {string} file
   * @param {boolean} sending
   */
  uploadTurnChanged(file, sending) {
    this.#apply({ type: "turn", file, sending });
  }

  /** @param {string} file */
  uploadDone(file) {
    this.#autoRetry.reset(file);
    this.#apply({ type: "held", file, held: false });
  }

  /**
   * @param {string} file
   * @param {Error} error
   */
  uploadFailed(file, error) {
    // The file itself is valid and can be added to another draft.
    if (error instanceof DraftEndedError) return;
    this.#apply({ type: "held", file, held: false });
    if (!(error instanceof RefusedError)) {
      this.#apply({
        type: "failed",
        file,
        error: { code: UNREADABLE, message: errorMessages.UNREADABLE, retryable: false },
      });
    } else if (REJECTED.has(error.code)) {
      this.#apply({ type: "forgotten", file });
      this.#reportRejected(file, error);
    } else if (TAKEN_AWAY.has(error.code)) {
      this.#apply({ type: "forgotten", file });
    } else {
      const { code, message, retryable } = error;
      const attempt = retryable ? this.#autoRetry.schedule(file) : 0;
      const announcement = this.#announcements.get(file);
      // The file to follow is gone: add it at the end.
      if (announcement && code === Code.UNKNOWN_POSITION)
        this.#announcements.set(file, { ...announcement, after: undefined });
      this.#apply({ type: "failed", file, error: { code, message, retryable, attempt } });
    }
  }

  // -----------------------------------------------------------------------------------------------

  /**
   * @param {string} id
   * @param {RefusedError} error
   */
  #reportRejected(id, error) {
    const file = this.fileOf(id) ?? undefined;
    const refused = { name: displayName(file?.name ?? ""), size: file?.size ?? 0 };
    const message = errorMessages.refused(error, refused, this.#limits);
    const kind = error.code === Code.TOO_LARGE ? /** @type {const} */ ("too_large") : undefined;
    this.#onProblem({ name: refused.name, message, kind, file, list: this.#announcements.get(id)?.list });
  }

  /**
   * @param {string} id
   * @param {File} file
   * @param {{type: string, [field: string]: unknown}} command
   */
  #upload(id, file, command) {
    this.#files.set(id, file);
    this.#apply({ type: "held", file: id, held: true });
    this.#uploader.upload(id, file, command);
  }
}
