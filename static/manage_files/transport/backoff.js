// @ts-check
/**
 * Computes delays before another attempt. Reconnects have full jitter: after a deploy all browsers lose their server in
 * the same second and must not return in the same one.
 */

const FIRST_MS = 250;
const CAP_MS = 5_000;

const PROBE_FIRST_MS = 2_000;
const PROBE_CAP_MS = 60_000;

/**
 * Returns how long to wait in limited mode before a WebSocket is tried again: briefly at first, in case of a temporary
 * failure, then about a minute.
 * @param {number} tries attempts so far
 * @param {() => number} random a number in [0, 1)
 * @returns {number} milliseconds
 */
export function probeDelay(tries, random = Math.random) {
  return Math.floor((0.5 + random() / 2) * Math.min(PROBE_CAP_MS, PROBE_FIRST_MS * 2 ** tries));
}

const RETRY_FIRST_MS = 1_000;
const RETRY_CAP_MS = 30_000;

/**
 * Returns how long to wait before sending a file again that the server could not accept.
 * @param {number} tries failed attempts before the last one
 * @param {() => number} random a number in [0, 1)
 * @returns {number} milliseconds
 */
export function retryDelay(tries, random = Math.random) {
  return Math.floor((0.5 + random() / 2) * Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** tries));
}

/**
 * @param {number} tries failed attempts so far; 0 for the first reconnect
 * @param {() => number} random a number in [0, 1)
 * @returns {number} milliseconds
 */
export function reconnectDelay(tries, random = Math.random) {
  return Math.floor(random() * Math.min(CAP_MS, FIRST_MS * 2 ** tries));
}
