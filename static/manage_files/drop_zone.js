// @ts-check
/**
 * Files dropped anywhere on the page. One overlay says how many and where they go; what is dropped
 * never makes the browser leave the page.
 */
import { build, setText } from "./build.js";
import { icon } from "./icons.js";
import { MAIN } from "./list_id.js";
import * as words from "./words.js";

/**
 * @typedef {object} DropTarget
 * @property {string} list the id of the list under the pointer
 * @property {string} label its variant's name, or empty
 */

export class DropZone {
  #host;
  #types;
  #targetAt;
  #onDrop;
  #onDropFolders;
  #isOpen;
  #title = build("strong", { class: "mf-overlay-title" });
  #detail = build("span", { class: "mf-overlay-detail" });
  #overlay = build("div", { class: "mf-overlay", hidden: true },
    build("div", { class: "mf-overlay-card" }, icon("upload"), this.#title, this.#detail));
  #started = false;

  /**
   * @param {object} options
   * @param {() => Element} options.host where the overlay is visible now: the open dialog, or the page
   * @param {() => string[]} options.types the content types taken
   * @param {() => boolean} options.isOpen whether files are taken at all now
   * @param {(element: Element|null) => DropTarget} options.targetAt
   * @param {(files: File[], target: DropTarget) => void} options.onDrop
   * @param {(entries: FileSystemEntry[], target: DropTarget) => void} options.onDropFolders there are folders among them
   */
  constructor({ host, types, isOpen, targetAt, onDrop, onDropFolders }) {
    this.#host = host;
    this.#types = types;
    this.#isOpen = isOpen;
    this.#targetAt = targetAt;
    this.#onDrop = onDrop;
    this.#onDropFolders = onDropFolders;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    window.addEventListener("dragover", this.#over);
    window.addEventListener("dragleave", this.#leave);
    window.addEventListener("drop", this.#drop);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    window.removeEventListener("dragover", this.#over);
    window.removeEventListener("dragleave", this.#leave);
    window.removeEventListener("drop", this.#drop);
    this.#hide();
  }

  /** @type {(event: DragEvent) => void} */
  #over = (event) => {
    const transfer = event.dataTransfer;
    if (!transfer || !carriesFiles(transfer)) return;
    event.preventDefault();
    transfer.dropEffect = this.#isOpen() ? "copy" : "none";
    if (this.#isOpen()) this.#show(transfer, this.#targetAt(/** @type {Element|null} */ (event.target)));
  };

  /** @type {(event: DragEvent) => void} */
  #leave = (event) => {
    // Also fired from child to child; only leaving the window has no other side.
    if (!event.relatedTarget) this.#hide();
  };

  /** @type {(event: DragEvent) => void} */
  #drop = (event) => {
    const transfer = event.dataTransfer;
    this.#hide();
    if (!transfer || !carriesFiles(transfer)) return;
    event.preventDefault();
    if (!this.#isOpen()) return;
    const target = this.#targetAt(/** @type {Element|null} */ (event.target));
    const entries = entriesOf(transfer);
    if (entries.some(({ isDirectory }) => isDirectory)) this.#onDropFolders(entries, target);
    else this.#onDrop([...transfer.files], target);
  };

  /**
   * @param {DataTransfer} transfer
   * @param {DropTarget} target
   */
  #show(transfer, { list, label }) {
    const items = [...transfer.items].filter(({ kind }) => kind === "file");
    // The type is empty for a folder and for what the system does not know: the drop decides.
    const refused = items.filter(({ type }) => type !== "" && !this.#types().includes(type)).length;
    setText(this.#title, words.drop(items.length - refused, list === MAIN ? null : label));
    setText(this.#detail, refused > 0 ? words.dropRefused(refused) : "");
    this.#overlay.dataset.target = list;
    this.#overlay.toggleAttribute("data-refused", refused > 0 && refused === items.length);
    if (this.#overlay.parentNode !== this.#host()) this.#host().append(this.#overlay);
    this.#overlay.hidden = false;
  }

  #hide() {
    this.#overlay.hidden = true;
  }
}

/** @param {DataTransfer} transfer */
function carriesFiles(transfer) {
  return transfer.types.includes("Files");
}

/**
 * @param {DataTransfer} transfer
 * @returns {FileSystemEntry[]} to be read before the event is over
 */
function entriesOf(transfer) {
  return [...transfer.items].flatMap((item) => (item.kind === "file" && item.webkitGetAsEntry()) || []);
}
