// @ts-check
/** Computes until when a draft is kept to which this tab has lost its connection. Pure. */

/** Margin for clocks that differ; the last seconds do not matter. */
export const TOLERANCE_MS = 5_000;

/**
 * @param {object} facts
 * @param {number} facts.since when the connection was lost, in milliseconds since the epoch
 * @param {number} facts.seconds how long it is kept after that
 * @param {number|null} [facts.askedUntil] until when the user requested to keep it
 */
export function keptUntil({ since, seconds, askedUntil }) {
  return Math.max(since + seconds * 1000, askedUntil ?? 0);
}
