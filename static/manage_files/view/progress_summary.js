// @ts-check
/** The line under the title: how many are stored, the bar of all uploads, how much and how long is left. */

import { CardState, isUnfinished } from "../model/cards.js";
import { secondsLeft } from "../model/total_progress.js";
import { facts, sizeOf, timeLeft } from "../text/format.js";
import * as words from "../text/messages.js";
import { build, set, setText } from "./ui/dom.js";

/**
 * @import { Card } from "../model/cards.js"
 * @import { Total } from "../model/total_progress.js"
 */

export class TotalLine {
  #count = build("span", { class: "mf-total-count" });
  #bar = build("progress", { class: "mf-total-bar", max: "1", value: "0", "aria-label": words.TOTAL });
  #left = build("span", { class: "mf-total-left" });
  element = build("div", { class: "mf-total" }, this.#count, this.#bar, this.#left);

  /**
   * @param {object} view
   * @param {Card[]} view.cards
   * @param {Total} view.total
   * @param {boolean} view.connected whether there was a snapshot
   * @param {boolean} view.live
   * @param {boolean} [view.isGone] whether the images were thrown away
   * @param {{held: string[]}} [view.trouble] held: names of images that this browser holds
   */
  render({ cards, total, connected, live, isGone = false, trouble }) {
    const isRunning = total.batch.size > 0;
    setText(this.#count, connected || cards.length > 0 ? summary(cards, isGone, trouble?.held) : words.CONNECTING);
    set(this.element, "data-running", isRunning);
    set(this.element, "data-paused", isRunning && !live);
    set(this.#bar, "value", isRunning ? total.ratio.toFixed(3) : "1");
    set(this.#bar, "aria-hidden", isRunning ? null : "true");
    setText(this.#left, isRunning ? remaining(total, live) : "");
  }
}

/**
 * @param {Card[]} cards
 * @param {boolean} isGone
 * @param {string[]} [held] names of images that this browser holds
 * @returns {string} "3 of 7 stored", "7 images stored", "No images yet"
 */
function summary(cards, isGone, held = []) {
  const failed = cards.filter(({ state }) => state === CardState.FAILED).length;
  const open = cards.filter(isUnfinished).length;
  const good = cards.length - failed;
  // Images that are to come back from an expired draft: a notice says so.
  if (cards.length === 0) return held.length > 0 ? "" : words.NO_IMAGES;
  if (isGone) return words.goneCount(cards.length);
  const interrupted = cards.filter(({ state }) => state === CardState.INTERRUPTED).length;
  return facts.format([
    open > 0 ? words.storedOf(good - open, cards.length) : words.allStored(good),
    ...(interrupted > 0 ? [words.interruptedCount(interrupted)] : []),
    ...(failed > 0 ? [words.failedCount(failed)] : []),
  ]);
}

/**
 * @param {Total} total
 * @param {boolean} live
 */
function remaining(total, live) {
  if (!live) return words.PAUSED;
  const size = sizeOf(total.received, total.bytes);
  if (total.received >= total.bytes) return words.PROCESSING;
  const seconds = secondsLeft(total);
  return seconds === null ? size : facts.format([size, timeLeft(seconds)]);
}
