// @ts-check
/**
 * Accepts files dropped anywhere on the page. An overlay shows how many there are and where they will go. A drop never
 * makes the browser leave the page.
 */
import { contentType } from "../model/content_type.js";
import { MAIN } from "../model/list_id.js";
import * as addingMessages from "../text/adding_messages.js";
import * as messages from "../text/messages.js";
import { el, setAttr, setText } from "../view/ui/dom.js";
import { icon } from "../view/ui/icons.js";

/** Elements into which text can be dropped. */
const FIELD = "input, textarea, [contenteditable]";

/** @import { List } from "../model/cards.js" */

/**
 * @typedef {object} DropTarget
 * @property {string} list id of the list under the pointer
 * @property {string} label name of its variant, or empty
 * @property {{id: string, name: string}|null} card card under the pointer, which a single file replaces
 */

export class DropZone {
  #host;
  #types;
  #lists;
  #onDrop;
  #onDropFolders;
  #onDropLink;
  #isOpen;
  /** Whether what is being dragged comes from this page. */
  #isOwn = false;
  #title = el("strong", { class: "mf-overlay-title" });
  #detail = el("span", { class: "mf-overlay-detail" });
  #overlay = el(
    "div",
    { class: "mf-overlay", hidden: true },
    el("div", { class: "mf-overlay-card" }, icon("upload"), this.#title, this.#detail),
  );
  /** @type {Element|null} the card that would be replaced */
  #marked = null;
  #started = false;

  /**
   * @param {object} options
   * @param {() => Element} options.host element that shows the overlay now: the open dialog, or the page
   * @param {() => string[]} options.types accepted content types
   * @param {() => boolean} options.isOpen whether files are accepted now
   * @param {() => List[]} options.lists the current lists
   * @param {(files: File[], target: DropTarget, replaces: string) => void} options.onDrop `replaces` is the id of a
   *   file, or empty
   * @param {(entries: FileSystemEntry[], target: DropTarget) => void} options.onDropFolders called if there are folders
   *   among the files
   * @param {() => void} options.onDropLink called for an image or a link of another page, without a file
   */
  constructor({ host, types, isOpen, lists, onDrop, onDropFolders, onDropLink }) {
    this.#host = host;
    this.#types = types;
    this.#isOpen = isOpen;
    this.#lists = lists;
    this.#onDrop = onDrop;
    this.#onDropFolders = onDropFolders;
    this.#onDropLink = onDropLink;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    window.addEventListener("dragstart", this.#ownStarted);
    window.addEventListener("dragend", this.#ownEnded);
    window.addEventListener("dragover", this.#over);
    window.addEventListener("dragleave", this.#leave);
    window.addEventListener("drop", this.#drop);
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    window.removeEventListener("dragstart", this.#ownStarted);
    window.removeEventListener("dragend", this.#ownEnded);
    window.removeEventListener("dragover", this.#over);
    window.removeEventListener("dragleave", this.#leave);
    window.removeEventListener("drop", this.#drop);
    this.#hide();
  }

  #ownStarted = () => {
    this.#isOwn = true;
  };

  #ownEnded = () => {
    this.#isOwn = false;
  };

  /** @type {(event: DragEvent) => void} */
  #over = (event) => {
    const transfer = event.dataTransfer;
    if (!transfer || !this.#isMeant(event)) return;
    event.preventDefault();
    transfer.dropEffect = this.#isOpen() ? "copy" : "none";
    if (this.#isOpen()) this.#show(transfer, /** @type {Element} */ (event.target));
  };

  /**
   * Whether files are dragged, or an image or a link of another page; dropping those would make the browser leave.
   * @param {DragEvent} event
   */
  #isMeant({ dataTransfer, target }) {
    if (!dataTransfer) return false;
    if (carriesFiles(dataTransfer)) return true;
    return !this.#isOwn && carriesLink(dataTransfer) && !(target instanceof Element && target.closest(FIELD));
  }

  /** @type {(event: DragEvent) => void} */
  #leave = (event) => {
    // This also fires between children; only when the pointer leaves the window is there no related target.
    if (!event.relatedTarget) this.#hide();
  };

  /** @type {(event: DragEvent) => void} */
  #drop = (event) => {
    const transfer = event.dataTransfer;
    // Do what the overlay promised.
    const isReplacing = this.#marked !== null;
    this.#hide();
    if (!transfer || !this.#isMeant(event)) return;
    event.preventDefault();
    if (!this.#isOpen()) return;
    const target = targetAt(this.#lists(), /** @type {Element|null} */ (event.target));
    const entries = entriesOf(transfer);
    if (transfer.files.length === 0 && entries.length === 0) {
      this.#onDropLink();
      return;
    }
    if (entries.some(({ isDirectory }) => isDirectory)) this.#onDropFolders(entries, target);
    else
      this.#onDrop([...transfer.files], target, (isReplacing && transfer.files.length === 1 && target.card?.id) || "");
  };

  /**
   * @param {DataTransfer} transfer
   * @param {Element} under
   */
  #show(transfer, under) {
    const { list, label, card } = targetAt(this.#lists(), under);
    const items = [...transfer.items].filter(({ kind }) => kind === "file");
    // The type is empty for folders and for files unknown to the system, which are validated after the drop.
    const refused = items.filter(({ type }) => !this.#types().includes(contentType({ name: "", type }))).length;
    // Items without a type (folders, unknown files) are always added, never used as a replacement.
    const replaces = items.length === 1 && items[0].type !== "" && refused === 0 ? card : null;
    this.#mark(replaces && under.closest(".mf-card"));
    const isLink = items.length === 0 && !carriesFiles(transfer);
    const title = replaces
      ? messages.dropReplace(replaces.name)
      : messages.drop(items.length - refused, list === MAIN ? null : label);
    setText(this.#title, isLink ? addingMessages.DROP_NO_FILE : title);
    setText(this.#detail, replaces ? messages.DROP_REPLACE_DETAIL : refused > 0 ? messages.dropRefused(refused) : "");
    setAttr(this.#overlay, "data-replaces", replaces !== null);
    this.#overlay.dataset.target = list;
    this.#overlay.toggleAttribute("data-refused", isLink || (refused > 0 && refused === items.length));
    if (this.#overlay.parentNode !== this.#host()) this.#host().append(this.#overlay);
    this.#overlay.hidden = false;
  }

  #hide() {
    this.#overlay.hidden = true;
    this.#mark(null);
  }

  /** @param {Element|null} card */
  #mark(card) {
    if (card === this.#marked) return;
    this.#marked?.removeAttribute("data-replaced");
    card?.setAttribute("data-replaced", "");
    this.#marked = card;
  }
}

/**
 * Returns where files go that are dropped on, or pasted into, an element.
 * @param {List[]} lists
 * @param {Element|null} element
 * @returns {DropTarget}
 */
export function targetAt(lists, element) {
  const id = element?.closest("[data-section]")?.getAttribute("data-section");
  const list = lists.find((candidate) => candidate.id === id);
  const file = element?.closest("[data-file-id]")?.getAttribute("data-file-id");
  return {
    list: list?.id ?? MAIN,
    label: list?.label ?? "",
    card: list?.cards.find(({ id: candidate }) => candidate === file) ?? null,
  };
}

/** @param {DataTransfer} transfer */
function carriesFiles(transfer) {
  return transfer.types.includes("Files");
}

/** @param {DataTransfer} transfer */
function carriesLink(transfer) {
  return transfer.types.includes("text/uri-list");
}

/**
 * @param {DataTransfer} transfer
 * @returns {FileSystemEntry[]} only available until the event ends
 */
function entriesOf(transfer) {
  return [...transfer.items].flatMap((item) => (item.kind === "file" && item.webkitGetAsEntry()) || []);
}
