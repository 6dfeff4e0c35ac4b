// @ts-check
/** Carries out what the user wants, as the cards, menus and buttons of both views say it. */

import { cards, isRetryable } from "../model/cards.js";
import { MAIN } from "../model/list_id.js";

/**
 * @import { Adding } from "../add/add_files.js"
 * @import { Arranging } from "../arrange/arrangement.js"
 * @import { LiveDraft } from "../client/live_draft.js"
 * @import { List } from "../model/cards.js"
 * @import { Stalls } from "../upload/stall_detector.js"
 * @import { Intention } from "../view/card/card_actions.js"
 * @import { FilePicker } from "../view/file_picker.js"
 * @import { FilesWindow } from "../view/files_dialog.js"
 * @import { InlineView } from "../view/inline_panel.js"
 * @import { Looking } from "../view/lightbox/lightbox_opener.js"
 */

export class Actions {
  #parts;

  /**
   * @param {object} parts
   * @param {LiveDraft} parts.live
   * @param {Adding} parts.adding
   * @param {Arranging} parts.arranging
   * @param {FilePicker} parts.picker
   * @param {Looking} parts.looking
   * @param {Stalls} parts.stalls
   * @param {() => List[]} parts.lists as they are shown
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * @param {Intention} intention
   * @param {FilesWindow|InlineView} view that it comes from
   * @param {HTMLElement} target the element in it
   */
  carryOut(intention, view, target) {
    const { live, adding, arranging, picker, looking } = this.#parts;
    switch (intention.kind) {
      case "add":
        picker.open(intention, intention.way);
        break;
      case "choose":
        picker.open({ list: MAIN });
        break;
      case "move":
        arranging.move(intention.files, intention);
        break;
      case "sort":
        arranging.sort(intention, target);
        break;
      case "select":
        arranging.choose(intention.file, intention.how);
        break;
      case "menu":
        this.#openMenu(view, intention.file);
        break;
      case "replace":
        picker.open({ list: MAIN, replaces: intention.file }, "one");
        break;
      case "look":
        looking.at(view, intention.file, false);
        break;
      case "describe":
        looking.at(view, intention.file, true);
        break;
      case "remove":
        live.remove(intention.file);
        break;
      case "restore":
        live.restore(intention.file);
        break;
      case "purge":
        live.purge(intention.file);
        break;
      case "retry":
        this.#retry(intention.file);
        break;
      case "retry-all":
        for (const { id } of cards(live.draft).filter(isRetryable)) live.retry(id);
        break;
      case "shrink":
        adding.smaller.replace(intention.file);
        break;
      case "shrink-all":
        adding.smaller.add(intention.problems);
        break;
    }
  }

  /**
   * @param {FilesWindow|InlineView} view
   * @param {string} file
   */
  #openMenu(view, file) {
    const card = view.lists.cardOf(file);
    if (card) view.menu.open(card, this.#parts.lists());
  }

  /** @param {string} file */
  #retry(file) {
    const { live, stalls } = this.#parts;
    // One that stalls needs no new start but a connection that moves.
    if (stalls.has(file)) live.tryNow();
    else live.retry(file);
  }
}
