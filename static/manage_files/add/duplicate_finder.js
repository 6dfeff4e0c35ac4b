// @ts-check
/** Which of the files somebody adds are pictures that the draft has already. Only files of one size are looked into. */

/**
 * @typedef {object} Known a picture of the draft
 * @property {string} id
 * @property {number} size bytes
 * @property {() => Promise<string|null>} digest null: nobody can tell
 */

/** A bigger file is not worth the memory: it is just added. */
const MAX_BYTES = 64_000_000;

/**
 * @template {{size: number}} F
 * @param {F[]} files
 * @param {Known[]} known
 * @param {(file: F) => Promise<string|null>} digest
 * @returns {Promise<Map<F, string|F>>} by file that repeats a picture: the id of that picture, or the file before it
 */
export async function twinsOf(files, known, digest) {
  /** @type {Array<{size: number, is: string|F, digest: () => Promise<string|null>}>} */
  const pictures = known.map((each) => ({ size: each.size, is: each.id, digest: each.digest }));
  const twins = new Map();
  for (const file of files) {
    const rivals = file.size > MAX_BYTES ? [] : pictures.filter(({ size }) => size === file.size);
    const twin = rivals.length > 0 ? await same(await digest(file), rivals) : null;
    if (twin) twins.set(file, twin.is);
    else pictures.push({ size: file.size, is: file, digest: () => digest(file) });
  }
  return twins;
}

/**
 * @template {{digest: () => Promise<string|null>}} P
 * @param {string|null} digest
 * @param {P[]} rivals
 */
async function same(digest, rivals) {
  if (digest === null) return null;
  for (const rival of rivals) if ((await rival.digest()) === digest) return rival;
  return null;
}
