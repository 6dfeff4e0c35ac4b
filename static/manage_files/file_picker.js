// @ts-check
/** The browser's own file dialog, behind our buttons; on a phone it offers the camera too. */
import { build } from "./build.js";
import { MAIN } from "./list_id.js";

export class FilePicker {
  #list = MAIN;
  element;

  /**
   * @param {string} accept content types
   * @param {(files: File[], list: string) => void} onChoose
   */
  constructor(accept, onChoose) {
    // No form owner: its files travel by socket, never with the form.
    this.element = build("input", { type: "file", class: "mf-picker", accept, multiple: true, form: "", hidden: true, tabindex: "-1" });
    this.element.addEventListener("change", () => {
      onChoose([...(this.element.files ?? [])], this.#list);
      this.element.value = ""; // The same file may be chosen again, after it was removed.
    });
  }

  /** @param {string} list where the files go */
  open(list) {
    this.#list = list;
    this.element.click();
  }
}
