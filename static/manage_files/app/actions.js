// @ts-check
/** Performs the actions that cards, menus and buttons of both views dispatch. */
import { cards, isRetryable, removedCards } from "../model/cards.js";
import { MAIN } from "../model/list_id.js";
import * as messages from "../text/messages.js";
import { ConfirmDialog } from "../view/ui/confirm_dialog.js";
import { el } from "../view/ui/dom.js";

/**
 * @import { FileAdder } from "../add/add_files.js"
 * @import { Arrangement } from "../arrange/arrangement.js"
 * @import { UndoHistory } from "../arrange/undo_history.js"
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
   * @param {UndoHistory} parts.undoHistory
   * @param {FilePicker} parts.picker
   * @param {LightboxOpener} parts.lightboxOpener
   * @param {StallDetector} parts.stallDetector
   * @param {() => List[]} parts.lists the lists as shown
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {UiAction} action
   * @param {FilesDialog|InlinePanel} view the view that dispatched it
   * @param {HTMLElement} target the element in it
   */
  perform(action, view, target) {
    const { live, fileAdder, arrangement, undoHistory, picker, lightboxOpener } = this.#parts;
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
        undoHistory.remove([action.file]);
        break;
      case "remove-all":
        undoHistory.remove(action.files);
        break;
      case "restore":
        live.restore(action.file);
        break;
      case "purge":
        live.purge(action.file);
        break;
      case "restore-all":
        // Last position first: each was valid when its image was removed.
        for (const { id } of removedCards(live.draft).reverse()) live.restore(id);
        break;
      case "empty":
        this.#empty(view);
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

  /**
   * Deletes the removed files after a confirmation. Images of the saved product are deleted with the next save.
   * @param {FilesDialog|InlinePanel} view
   */
  async #empty({ element }) {
    const files = removedCards(this.#parts.live.draft).filter(({ attached }) => !attached);
    const dialog = new ConfirmDialog({
      title: messages.emptyQuestion(files.length),
      body: [el("p", {}, messages.CANNOT_BE_UNDONE)],
      choices: [
        { label: messages.CANCEL, value: "" },
        { label: messages.DELETE_PERMANENTLY, value: "delete", look: "danger" },
      ],
    });
    if ((await dialog.ask(element)) === "delete") for (const { id } of files) this.#parts.live.purge(id);
  }

  /** @param {string} file */
  #retry(file) {
    const { live, stallDetector } = this.#parts;
    // A stalled upload needs a working connection, not a restart.
    if (stallDetector.isStalled(file)) live.tryNow();
    else live.retry(file);
  }
}
