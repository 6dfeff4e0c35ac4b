// @ts-check
/**
 * The files chosen in this tab, or kept by this browser, on their way into the draft: what they look like
 * before the server has them, and what becomes of those that it does not take.
 */
import { UNREADABLE } from "../model/cards.js";
import { displayName } from "../model/display_name.js";
import * as refusalWords from "../text/error_messages.js";
import { newOp } from "../transport/ids.js";
import { ClientType, Code } from "../transport/protocol.js";
import { Over, Refused } from "../transport/requests.js";
import { addOf, infoOf, resumeOf } from "./announcement.js";
import { Retries } from "./auto_retry.js";
import { Sender } from "./uploader.js";

/**
 * @import { Problem } from "../client/validation.js"
 * @import { Commands } from "../transport/requests.js"
 * @import { DraftEvent } from "../model/draft.js"
 * @import { Claim } from "./announcement.js"
 * @import { LimitsInfo } from "../transport/protocol.js"
 */

/** @type {ReadonlySet<string>} refusals of a file that never got into the draft */
const NOT_TAKEN = new Set([
  Code.EMPTY_FILE,
  Code.UNSUPPORTED_TYPE,
  Code.TOO_LARGE,
  Code.TOO_MANY_FILES,
  Code.DRAFT_FULL,
  Code.FILE_ID_TAKEN,
]);
/** @type {ReadonlySet<string>} refusals that say the file is not ours to send any more */
const NOT_OURS = new Set([Code.SUPERSEDED, Code.FILE_NOT_FOUND]);

export class Outbox {
  /** @type {Map<string, File>} every file of this tab, kept until the page is left */
  #files = new Map();
  /** @type {Map<string, Claim>} files that the server has not heard of for certain */
  #claims = new Map();
  #retries;
  #commands;
  #sender;
  #apply;
  #onProblem;
  /** @type {LimitsInfo|null} */
  #limits = null;
  /** All files of the draft, in order: for the sender, which follows it. */
  sendingOrder;

  /**
   * @param {object} parts
   * @param {Commands} parts.commands
   * @param {(chunk: ArrayBuffer) => boolean} parts.send
   * @param {() => string[]} parts.order all files of the draft, in order
   * @param {(event: DraftEvent) => void} parts.apply changes the draft as this tab knows it
   * @param {(problem: Problem) => void} parts.onProblem a file was not taken
   * @param {(file: string) => void} parts.onRetry it is time to try a file again
   */
  constructor({ commands, send, order, apply, onProblem, onRetry }) {
    this.#retries = new Retries(onRetry);
    this.#commands = commands;
    this.#sender = new Sender(commands, send, this);
    this.sendingOrder = order;
    this.#apply = apply;
    this.#onProblem = onProblem;
  }

  /**
   * The bytes of a file, if this tab has them.
   * @param {string} id
   */
  fileOf(id) {
    return this.#files.get(id) ?? null;
  }

  /**
   * Bytes that were chosen before this page came.
   * @param {string} id
   * @param {File} file
   */
  know(id, file) {
    this.#files.set(id, file);
  }

  /**
   * Puts a file into the draft and sends it.
   * @param {Claim} claim
   */
  announce(claim) {
    const { id: file, list, after } = claim;
    const op = newOp();
    this.#claims.set(file, claim);
    this.#apply({ type: "intended", intent: { op, kind: "add", file, list, after, info: infoOf(claim) } });
    this.#carry(file, claim.file, { ...addOf(claim), op });
  }

  /**
   * Goes on with a file where the server's bytes end.
   * @param {string} id
   * @param {File} file
   */
  continue(id, file) {
    this.#apply({ type: "failed", file: id, error: null });
    this.#carry(id, file, resumeOf({ id, file }));
  }

  /**
   * @param {string} id
   * @param {string|undefined} state of the file, as the server told it; a rejected one it must be asked to take again
   */
  retry(id, state) {
    const file = this.fileOf(id);
    const claim = this.#claims.get(id);
    const isRejected = state === "rejected";
    const again = { type: ClientType.RETRY, file: id };
    this.#retries.begun(id);
    this.#apply({ type: "failed", file: id, error: null });
    // What never got into the draft is announced once more: there is nothing to go on with.
    if (file && claim && state === undefined) this.#carry(id, file, addOf(claim));
    else if (file) this.#carry(id, file, isRejected ? again : resumeOf({ id, file }));
    else if (isRejected) this.#commands.request(again).catch((error) => this.senderFailed(id, error));
  }

  /**
   * The user removed the file.
   * @param {string} file
   * @param {Promise<unknown>} settled when the server has heard of it
   */
  drop(file, settled) {
    this.#retries.forget(file);
    this.#sender.drop(file, settled);
    this.#apply({ type: "forgotten", file });
  }

  /**
   * A new connection is ready.
   * @param {LimitsInfo} limits
   */
  resume(limits) {
    this.#limits = limits;
    this.#sender.resume(limits);
  }

  /** The connection is gone. */
  pause() {
    this.#sender.pause();
  }

  /** @param {{handle: number, offset: number}} ack */
  acknowledged(ack) {
    this.#sender.acknowledged(ack);
  }

  /**
   * @param {string} file
   * @param {Refused} refused
   */
  refused(file, refused) {
    this.#sender.refused(file, refused);
  }

  // SenderDelegate --------------------------------------------------------------------------------

  /**
   * @param {string} file
   * @param {number} bytes
   */
  senderReceived(file, bytes) {
    this.#apply({ type: "received", file, bytes });
  }

  /**
   * @param {string} file
   * @param {boolean} sending
   */
  senderTurned(file, sending) {
    this.#apply({ type: "turn", file, sending });
  }

  /** @param {string} file */
  senderDone(file) {
    this.#retries.forget(file);
    this.#apply({ type: "held", file, held: false });
  }

  /**
   * @param {string} file
   * @param {Error} error
   */
  senderFailed(file, error) {
    // Nothing is wrong with the file: it can go into another draft.
    if (error instanceof Over) return;
    this.#apply({ type: "held", file, held: false });
    if (!(error instanceof Refused)) {
      this.#apply({
        type: "failed",
        file,
        error: { code: UNREADABLE, message: refusalWords.UNREADABLE, retryable: false },
      });
    } else if (NOT_TAKEN.has(error.code)) {
      this.#apply({ type: "forgotten", file });
      this.#notTaken(file, error);
    } else if (NOT_OURS.has(error.code)) {
      this.#apply({ type: "forgotten", file });
    } else {
      const { code, message, retryable } = error;
      const attempt = retryable ? this.#retries.failed(file) : 0;
      const claim = this.#claims.get(file);
      // Its neighbour went away meanwhile: better at the end than nowhere.
      if (claim && code === Code.UNKNOWN_PLACE) this.#claims.set(file, { ...claim, after: undefined });
      this.#apply({ type: "failed", file, error: { code, message, retryable, attempt } });
    }
  }

  // -----------------------------------------------------------------------------------------------

  /**
   * @param {string} id
   * @param {Refused} error
   */
  #notTaken(id, error) {
    const file = this.fileOf(id) ?? undefined;
    const refused = { name: displayName(file?.name ?? ""), size: file?.size ?? 0 };
    const message = refusalWords.refused(error, refused, this.#limits);
    const kind = error.code === Code.TOO_LARGE ? /** @type {const} */ ("too_large") : undefined;
    this.#onProblem({ name: refused.name, message, kind, file, list: this.#claims.get(id)?.list });
  }

  /**
   * @param {string} id
   * @param {File} file
   * @param {{type: string, [field: string]: unknown}} question
   */
  #carry(id, file, question) {
    this.#files.set(id, file);
    this.#apply({ type: "held", file: id, held: true });
    this.#sender.carry(id, file, question);
  }
}
