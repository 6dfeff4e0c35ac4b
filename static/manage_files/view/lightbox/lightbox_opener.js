// @ts-check
/** Opens the lightbox for a card, and returns the focus to the card of the image shown last. */
import { cards } from "../../model/cards.js";
import { Lightbox } from "./lightbox.js";

/**
 * @import { LiveRegion } from "../ui/live_region.js"
 * @import { FilesDialog } from "../files_dialog.js"
 * @import { InlinePanel } from "../inline_panel.js"
 * @import { LiveDraft } from "../../client/live_draft.js"
 */

export class LightboxOpener {
  #live;
  #liveRegion;
  /** @type {Lightbox|null} created on first use */
  #lightbox = null;

  /**
   * @param {LiveDraft} live
   * @param {LiveRegion} liveRegion
   */
  constructor(live, liveRegion) {
    this.#live = live;
    this.#liveRegion = liveRegion;
  }

  render() {
    this.#lightbox?.render();
  }

  /**
   * @param {FilesDialog|InlinePanel} view
   * @param {string} file
   * @param {boolean} isForText whether to focus its alternative text
   */
  open(view, file, isForText) {
    const live = this.#live;
    if (!cards(live.draft).some(({ id }) => id === file)) return;
    this.#lightbox ??= new Lightbox(
      {
        cards: () => cards(live.draft),
        info: (id) => live.draft.snapshot?.files.find((info) => info.file === id),
        file: (id) => live.uploads.fileOf(id),
        isOpen: () => live.isOpen,
      },
      (id, altText) => live.describe(id, altText),
    );
    this.#lightbox.open(view.element, this.#liveRegion.region, file, isForText, (last) => {
      const card = view.lists.cardOf(last);
      if (card) card.focus();
      else view.focusFallback();
    });
  }
}
