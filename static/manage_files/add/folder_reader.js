// @ts-check
/** Reads the files in folders in natural order, without hidden files and those created by operating systems. */

/** A limit for folders dropped by mistake, such as a whole disk. */
const MAX_FILES = 1_000;
const MAX_DEPTH = 8;
const LITTER = /^(\.|(thumbs\.db|desktop\.ini|__macosx)$)/i;
const { compare } = new Intl.Collator(undefined, { numeric: true });

/** @param {string} name of a file or a folder */
function isLitter(name) {
  return LITTER.test(name);
}

/**
 * @typedef {object} FolderContents
 * @property {File[]} files
 * @property {string[]} empty folders that contain no files
 * @property {string[]} unreadable files that could not be opened
 * @property {string[]} deep folders nested too deeply to be read
 * @property {boolean} isCut whether there were more files than the limit
 */

/**
 * Reads dropped entries. Files keep their order; those of a folder are sorted by name.
 * @param {FileSystemEntry[]} entries
 * @returns {Promise<FolderContents>}
 */
export async function readDropped(entries) {
  /** @type {FolderContents} */
  const contents = { files: [], empty: [], unreadable: [], deep: [], isCut: false };
  const count = () => contents.files.length + contents.unreadable.length + contents.deep.length;
  for (const entry of entries) {
    const before = count();
    await walk(entry, contents, 0);
    if (entry.isDirectory && count() === before) contents.empty.push(entry.name);
  }
  return contents;
}

/**
 * Reads the files returned by a folder picker.
 * @param {File[]} files
 * @returns {FolderContents}
 */
export function readChosenFolder(files) {
  const wanted = files
    .filter(({ webkitRelativePath }) => !webkitRelativePath.split("/").slice(1).some(isLitter))
    .sort((one, other) => compare(one.webkitRelativePath, other.webkitRelativePath));
  const folder = files[0]?.webkitRelativePath.split("/")[0] ?? "";
  return {
    files: wanted.slice(0, MAX_FILES),
    empty: wanted.length > 0 ? [] : [folder],
    unreadable: [],
    deep: [],
    isCut: wanted.length > MAX_FILES,
  };
}

/**
 * @param {FileSystemEntry} entry
 * @param {FolderContents} contents
 * @param {number} depth
 */
async function walk(entry, contents, depth) {
  if (contents.files.length >= MAX_FILES) contents.isCut = true;
  // A file dropped by itself is intended, hidden or not.
  if (contents.isCut || (depth > 0 && isLitter(entry.name))) return;
  if (entry.isFile) {
    const file = await fileOf(/** @type {FileSystemFileEntry} */ (entry)).catch(() => null);
    if (file) contents.files.push(file);
    else contents.unreadable.push(entry.name);
  } else if (depth < MAX_DEPTH) {
    const inside = await children(/** @type {FileSystemDirectoryEntry} */ (entry)).catch(() => null);
    if (!inside) return void contents.unreadable.push(entry.name);
    for (const child of inside.sort((one, other) => compare(one.name, other.name)))
      await walk(child, contents, depth + 1);
  } else {
    contents.deep.push(entry.name);
  }
}

/**
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File>}
 */
function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** @param {FileSystemDirectoryEntry} folder */
async function children(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    // Browsers return a hundred entries at a time, then none.
    const some = await new Promise((/** @type {(entries: FileSystemEntry[]) => void} */ resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0 || all.length > MAX_FILES) return all;
    all.push(...some);
  }
}
