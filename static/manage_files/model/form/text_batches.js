// @ts-check
/** Divides changed fields into messages of a bounded size; a field that is larger goes alone. Pure. */
import { textBytes } from "./clean_text.js";

/** @typedef {Record<string, {values: string[], base: number}>} Changes */

/** The most bytes of text that go in one message. */
const MESSAGE_BYTES = 16_384;

/**
 * @param {Map<string, {values: string[], base: number}>} changed
 * @returns {Changes[]}
 */
export function textBatches(changed) {
  /** @type {Changes[]} */
  const batches = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [name, change] of changed) {
    bytes += textBytes(change.values);
    if (bytes > MESSAGE_BYTES) {
      batches.push({});
      bytes = textBytes(change.values);
    }
    batches[batches.length - 1][name] = change;
  }
  return batches;
}
