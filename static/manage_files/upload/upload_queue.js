// @ts-check
/**
 * Which files may send their bytes next: in list order, so that what stands first is there first.
 *
 * @param {object} queue
 * @param {string[]} queue.order all files of the draft, as the user sees them
 * @param {ReadonlySet<string>} queue.waiting files of this tab that are ready to send
 * @param {number} queue.sending how many are sending now
 * @param {number} queue.parallel how many may send at once
 * @returns {string[]} the files whose turn it is
 */
export function nextTurns({ order, waiting, sending, parallel }) {
  const room = Math.max(0, parallel - sending);
  const ordered = order.filter((file) => waiting.has(file));
  return ordered.slice(0, room);
}
