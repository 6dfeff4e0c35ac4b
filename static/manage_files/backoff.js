// @ts-check
/**
 * How long to wait before the next attempt to connect. Full jitter: after a deploy all browsers
 * lose their server in the same second and must not come back in the same one.
 */

const FIRST_MS = 250;
const CAP_MS = 5_000;

/**
 * @param {number} tries failed attempts so far; 0 for the first reconnect
 * @param {() => number} random a number in [0, 1)
 * @returns {number} milliseconds
 */
export function backoff(tries, random = Math.random) {
  return Math.floor(random() * Math.min(CAP_MS, FIRST_MS * 2 ** tries));
}
