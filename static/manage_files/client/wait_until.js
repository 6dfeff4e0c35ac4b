// @ts-check
/**
 * Resolves when a condition holds, or after the timeout.
 * @param {EventTarget} target fires `change` whenever the condition may have become true
 * @param {() => boolean} condition
 * @param {number} [timeout] milliseconds; no limit if omitted
 * @returns {Promise<boolean>} whether it became true in time
 */
export function waitUntil(target, condition, timeout) {
  return new Promise((resolve) => {
    const look = () => condition() && finish(true);
    const timer = timeout === undefined ? undefined : setTimeout(() => finish(false), timeout);
    const finish = (/** @type {boolean} */ result) => {
      clearTimeout(timer);
      target.removeEventListener("change", look);
      resolve(result);
    };
    target.addEventListener("change", look);
    look();
  });
}
