// @ts-check
/** The progress line: how many images are stored, a bar for all uploads, and how much is left, in bytes and time. */
import { CardState, isUnfinished } from "../model/cards.js";
import { secondsLeft } from "../model/total_progress.js";
import { facts, formatSizeOf, formatTimeLeft } from "../text/format.js";
import * as messages from "../text/messages.js";
import * as recoveryMessages from "../text/recovery_messages.js";
import { ConnectionState } from "../transport/connection.js";
import { el, setAttr, setText } from "./ui/dom.js";

/**
 * @import { Card } from "../model/cards.js"
 * @import { Total } from "../model/total_progress.js"
 * @import { EndedDraft } from "../recovery/ended_draft.js"
 */

export class ProgressSummary {
  #count = el("span", { class: "mf-total-count" });
  #bar = el("progress", { class: "mf-total-bar", max: "1", value: "0", "aria-label": messages.TOTAL });
  #left = el("span", { class: "mf-total-left" });
  element = el("div", { class: "mf-total" }, this.#count, this.#bar, this.#left);

  /**
   * @param {object} view
   * @param {Card[]} view.cards
   * @param {Total} view.total
   * @param {boolean} view.connected whether a snapshot has arrived
   * @param {boolean} view.live
   * @param {{state: string, end: EndedDraft|null, held: string[]}} [view.status] held: names of images that this
   *   browser holds
   */
  render({ cards, total, connected, live, status }) {
    const isRunning = total.batch.size > 0;
    setText(this.#count, connected || cards.length > 0 ? summary(cards, status) : messages.CONNECTING);
    setAttr(this.element, "data-running", isRunning);
    setAttr(this.element, "data-paused", isRunning && !live);
    setAttr(this.#bar, "value", isRunning ? total.ratio.toFixed(3) : "1");
    setAttr(this.#bar, "aria-hidden", isRunning ? null : "true");
    setText(this.#left, isRunning ? remaining(total, live) : "");
  }
}

/**
 * @param {Card[]} cards
 * @param {{state: string, end: EndedDraft|null, held: string[]}} [status]
 * @returns {string} "3 of 7 stored", "7 images stored", "No images yet"
 */
function summary(cards, status) {
  const failed = cards.filter(({ state }) => state === CardState.FAILED).length;
  const open = cards.filter(isUnfinished).length;
  const good = cards.length - failed;
  if (status?.end?.count) {
    const { count } = status.end;
    return status.state === ConnectionState.EXPIRED
      ? recoveryMessages.expiredCount(count)
      : recoveryMessages.deletedCount(count);
  }
  // A notice reports images that can be restored from an expired draft.
  if (cards.length === 0) return status?.held.length ? "" : messages.NO_IMAGES;
  const interrupted = cards.filter(({ state }) => state === CardState.INTERRUPTED).length;
  return facts.format([
    open > 0 ? messages.storedOf(good - open, cards.length) : messages.allStored(good),
    ...(interrupted > 0 ? [messages.interruptedCount(interrupted)] : []),
    ...(failed > 0 ? [messages.failedCount(failed)] : []),
  ]);
}

/**
 * @param {Total} total
 * @param {boolean} live
 */
function remaining(total, live) {
  if (!live) return messages.PAUSED;
  const size = formatSizeOf(total.received, total.bytes);
  if (total.received >= total.bytes) return messages.PROCESSING;
  const seconds = secondsLeft(total);
  return seconds === null ? size : facts.format([size, formatTimeLeft(seconds)]);
}
