// @ts-check
/** *Add images*, with the other option that the device has: a folder on a desktop, the camera on a phone. */
import { MAIN } from "../model/list_id.js";
import * as messages from "../text/messages.js";
import { dispatchAction } from "./card/card_actions.js";
import { FilePicker } from "./file_picker.js";
import { button, el } from "./ui/dom.js";
import { icon } from "./ui/icons.js";

export class AddButtons {
  #buttons;
  element;

  /** @param {{roomy?: boolean}} [options] roomy: every button has a label */
  constructor({ roomy = false } = {}) {
    const first = button(
      { class: "mf-button mf-button-primary mf-add" },
      () => this.#want("files"),
      icon("add"),
      messages.ADD,
    );
    const way = (/** @type {"folder"|"camera"} */ kind, /** @type {string} */ name) =>
      button(
        roomy
          ? { class: `mf-button mf-way mf-way-${kind}` }
          : { class: `mf-icon-button mf-way mf-way-${kind}`, "aria-label": name, title: name },
        () => this.#want(kind),
        icon(kind),
        ...(roomy ? [name] : []),
      );
    this.#buttons = [
      first,
      ...(FilePicker.hasFolders ? [way("folder", messages.ADD_FOLDER)] : []),
      way("camera", messages.TAKE_PHOTO),
    ];
    this.element = el("div", { class: "mf-adds" }, ...this.#buttons);
  }

  /** @param {boolean} off */
  set disabled(off) {
    for (const each of this.#buttons) each.disabled = off;
  }

  /** @returns {boolean} whether it could be focused */
  focus() {
    const [first] = this.#buttons;
    if (first.offsetParent === null || first.disabled) return false;
    first.focus();
    return true;
  }

  /** @param {"files"|"folder"|"camera"} way */
  #want(way) {
    dispatchAction(this.element, { kind: "add", list: MAIN, way });
  }
}
