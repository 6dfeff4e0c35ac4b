// @ts-check
/** Until when a draft is kept that this tab has lost. Pure. */

/** The server's clocks and this one differ, and the last seconds decide nothing. */
export const TOLERANCE_MS = 5_000;

/**
 * @param {object} facts
 * @param {number} facts.since when the connection was lost, in milliseconds since the epoch
 * @param {number} facts.seconds how long it is kept after that
 * @param {number|null} [facts.askedUntil] until when the user asked to keep it
 */
export function keptUntil({ since, seconds, askedUntil }) {
  return Math.max(since + seconds * 1000, askedUntil ?? 0);
}
