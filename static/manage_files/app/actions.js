// @ts-check
/** Performs the actions that cards, menus and buttons of both views dispatch. */
import { cards, isRetryable } from "../model/cards.js";
import { MAIN } from "../model/list_id.js";

/**
 * @import { FileAdder } from "../add/add_files.js"
 * @import { Arrangement } from "../arrange/arrangement.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { List } from "../model/cards.js"
 * @import { StallDetector } from "../upload/stall_detector.js"
 * @import { UiAction } from "../view/card/card_actions.js"
 * @import { FilePicker } from "../view/file_picker.js"
 * @import { FilesDialog } from "../view/files_dialog.js"
 * @import { InlinePanel } from "../view/inline_panel.js"
 * @import { LightboxOpener } from "../view/lightbox/lightbox_opener.js"
 */

export class Actions {
  #parts;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {FileAdder} parts.fileAdder
   * @param {Arrangement} parts.arrangement
   * @param {FilePicker} parts.picker
   * @param {LightboxOpener} parts.lightboxOpener
   * @param {StallDetector} parts.stallDetector
   * @param {() => List[]} parts.lists as they are shown
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {UiAction} action
   * @param {FilesDialog|InlinePanel} view that it comes from
   * @param {HTMLElement} target the element in it
   */
  perform(action, view, target) {
    const { live, fileAdder, arrangement, picker, lightboxOpener } = this.#parts;
    switch (action.kind) {
      case "add":
        picker.open(action, action.way);
        break;
      case "choose":
        picker.open({ list: MAIN });
        break;
      case "move":
        arrangement.move(action.files, action);
        break;
      case "sort":
        arrangement.sort(action, target);
        break;
      case "select":
        arrangement.select(action.file, action.how);
        break;
      case "menu":
        this.#openMenu(view, action.file);
        break;
      case "replace":
        picker.open({ list: MAIN, replaces: action.file }, "one");
        break;
      case "look":
        lightboxOpener.open(view, action.file, false);
        break;
      case "describe":
        lightboxOpener.open(view, action.file, true);
        break;
      case "remove":
        live.remove(action.file);
        break;
      case "restore":
        live.restore(action.file);
        break;
      case "purge":
        live.purge(action.file);
        break;
      case "retry":
        this.#retry(action.file);
        break;
      case "retry-all":
        for (const { id } of cards(live.draft).filter(isRetryable)) live.retry(id);
        break;
      case "shrink":
        fileAdder.smaller.replace(action.file);
        break;
      case "shrink-all":
        fileAdder.smaller.add(action.problems);
        break;
    }
  }

  /**
   * @param {FilesDialog|InlinePanel} view
   * @param {string} file
   */
  #openMenu(view, file) {
    const card = view.lists.cardOf(file);
    if (card) view.menu.open(card, this.#parts.lists());
  }

  /** @param {string} file */
  #retry(file) {
    const { live, stallDetector } = this.#parts;
    // A stalled upload needs no restart but a working connection.
    if (stallDetector.isStalled(file)) live.tryNow();
    else live.retry(file);
  }
}
