// @ts-check
/** Leads from a card to the larger look, and back to the card of the image seen last. */
import { cards } from "../../model/cards.js";
import { Lightbox } from "./lightbox.js";

/**
 * @import { Announcer } from "../ui/live_region.js"
 * @import { FilesWindow } from "../files_dialog.js"
 * @import { InlineView } from "../inline_panel.js"
 * @import { LiveDraft } from "../../client/live_draft.js"
 */

export class Looking {
  #live;
  #announcer;
  /** @type {Lightbox|null} once somebody looked */
  #lightbox = null;

  /**
   * @param {LiveDraft} live
   * @param {Announcer} announcer
   */
  constructor(live, announcer) {
    this.#live = live;
    this.#announcer = announcer;
  }

  render() {
    this.#lightbox?.render();
  }

  /**
   * @param {FilesWindow|InlineView} view
   * @param {string} file
   * @param {boolean} isForText whether its alternative text is meant
   */
  at(view, file, isForText) {
    const live = this.#live;
    if (!cards(live.draft).some(({ id }) => id === file)) return;
    this.#lightbox ??= new Lightbox(
      {
        cards: () => cards(live.draft),
        info: (id) => live.draft.snapshot?.files.find((info) => info.file === id),
        file: (id) => live.outbox.fileOf(id),
        isOpen: () => live.isOpen,
      },
      (id, altText) => live.describe(id, altText),
    );
    this.#lightbox.open(view.element, this.#announcer.region, file, isForText, (last) => {
      const card = view.lists.cardOf(last);
      if (card) card.focus();
      else view.focusFallback();
    });
  }
}
