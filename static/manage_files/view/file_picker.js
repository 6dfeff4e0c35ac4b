// @ts-check
/** Opens the browser's file and folder pickers, and a phone's camera. */
import { MAIN } from "../model/list_id.js";
import { el } from "./ui/dom.js";

/** @typedef {"files"|"one"|"folder"|"camera"} PickMode */
/** @typedef {{list: string, replaces?: string}} PickTarget where the files go; the file that they take the place of */

/** @type {PickTarget} */
const NOWHERE = Object.freeze({ list: MAIN });

export class FilePicker {
  /** @type {PickTarget} */
  #target = NOWHERE;
  /** @type {PickMode} */
  #way = "files";
  element;

  /** Whether this browser can choose folders. */
  static get hasFolders() {
    return "webkitdirectory" in HTMLInputElement.prototype;
  }

  /**
   * @param {string} accept content types
   * @param {(files: File[], target: PickTarget, way: PickMode) => void} onChoose
   */
  constructor(accept, onChoose) {
    // No form owner: its files are sent over the socket, never with the form.
    this.element = el("input", {
      type: "file",
      class: "mf-picker",
      accept,
      multiple: true,
      form: "",
      hidden: true,
      tabindex: "-1",
    });
    this.element.addEventListener("change", () => {
      const { element } = this;
      const target = this.#target;
      this.#target = NOWHERE;
      onChoose([...(element.files ?? [])], target, this.#way);
      element.value = ""; // so that the same file can be chosen again after it was removed
    });
  }

  /**
   * @param {PickTarget} target
   * @param {PickMode} [way]
   */
  open(target, way = "files") {
    this.#target = target;
    this.#way = way;
    this.element.multiple = way === "files";
    this.element.webkitdirectory = way === "folder";
    if (way === "camera") this.element.setAttribute("capture", "environment");
    else this.element.removeAttribute("capture");
    this.element.click();
  }
}
