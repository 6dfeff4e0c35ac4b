// @ts-check
/** Adds images pasted from the clipboard: screenshots and copied files. Text goes to the focused field as usual. */

/** The names browsers give to an image that has no file. */
const NAMELESS = /^image\.(png|jpe?g|webp|gif|bmp|tiff?)$/i;
const FIELD =
  "input:not([type=button], [type=checkbox], [type=file], [type=radio], [type=submit]), textarea, select, [contenteditable]";

export class PasteListener {
  #isWindowOpen;
  #onPaste;

  /**
   * @param {object} options
   * @param {() => boolean} options.isWindowOpen
   * @param {(files: File[]) => void} options.onPaste
   */
  constructor({ isWindowOpen, onPaste }) {
    this.#isWindowOpen = isWindowOpen;
    this.#onPaste = onPaste;
  }

  start() {
    document.addEventListener("paste", this.#pasted);
  }

  stop() {
    document.removeEventListener("paste", this.#pasted);
  }

  /** @type {(event: ClipboardEvent) => void} */
  #pasted = (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    const isTyping = document.activeElement?.matches(FIELD) ?? false;
    // A table copied from an office program is both text and an image of it.
    const hasText = event.clipboardData?.types.includes("text/plain");
    if (isTyping && (hasText || !this.#isWindowOpen())) return;
    event.preventDefault();
    this.#onPaste(files);
  };
}

/**
 * @param {File[]} files
 * @param {(extension: string) => string} name for an image without a file
 * @returns {File[]} the same files; those that only the clipboard named get our name
 */
export function renameNameless(files, name) {
  return files.map((file) => {
    const extension = NAMELESS.exec(file.name)?.[1].toLowerCase();
    if (!extension) return file;
    return new File([file], name(extension), { type: file.type, lastModified: file.lastModified });
  });
}
