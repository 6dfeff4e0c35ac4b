// @ts-check
/** Finds added files whose image the draft already contains. Only files of equal size are compared. */

/**
 * @typedef {object} KnownImage an image of the draft
 * @property {string} id
 * @property {number} size bytes
 * @property {() => Promise<string|null>} digest null if unknown
 */

/** Larger files are not compared, to save memory. */
const MAX_BYTES = 64_000_000;

/**
 * @template {{size: number}} F
 * @param {F[]} files
 * @param {KnownImage[]} known
 * @param {(file: F) => Promise<string|null>} digest
 * @returns {Promise<Map<F, string|F>>} for each duplicate file: the id of the image it duplicates, or the earlier file
 */
export async function findDuplicates(files, known, digest) {
  /** @type {Array<{size: number, is: string|F, digest: () => Promise<string|null>}>} */
  const pictures = known.map((each) => ({ size: each.size, is: each.id, digest: each.digest }));
  const duplicates = new Map();
  for (const file of files) {
    const candidates = file.size > MAX_BYTES ? [] : pictures.filter(({ size }) => size === file.size);
    const match = candidates.length > 0 ? await same(await digest(file), candidates) : null;
    if (match) duplicates.set(file, match.is);
    else pictures.push({ size: file.size, is: file, digest: () => digest(file) });
  }
  return duplicates;
}

/**
 * @template {{digest: () => Promise<string|null>}} P
 * @param {string|null} digest
 * @param {P[]} candidates
 */
async function same(digest, candidates) {
  if (digest === null) return null;
  for (const candidate of candidates) if ((await candidate.digest()) === digest) return candidate;
  return null;
}
