// @ts-check
/**
 * Shows the images of the draft larger, one at a time, in a modal over the dialog or the page, with their details and
 * alternative text.
 */
import { currentCard, imageDetails, swipeStep } from "../../model/image_details.js";
import * as lightboxMessages from "../../text/lightbox_messages.js";
import { directionOf } from "../reading_direction.js";
import { inPlaceOf, original, smallPicture } from "../small_pictures.js";
import { button, el, setAttr, setText } from "../ui/dom.js";
import { icon } from "../ui/icons.js";

/**
 * @import { Card } from "../../model/cards.js"
 * @import { FileInfo } from "../../transport/protocol.js"
 */

const ALT_TEXT_LIMIT = 300;
/** @type {Record<string, (at: number, last: number) => number>} */
const STEPS = { earlier: (at) => at - 1, later: (at) => at + 1, first: () => 0, last: (_, last) => last };

/**
 * @typedef {object} Source the images to show, as they are now
 * @property {() => Card[]} cards
 * @property {(id: string) => FileInfo|undefined} info
 * @property {(id: string) => File|null} file the local file, if this tab has it
 * @property {() => boolean} isOpen whether the draft can be changed
 */

export class Lightbox {
  #title = el("h2", { class: "mf-look-title", id: "mf-look-title", tabindex: "-1", autofocus: true });
  #place = el("span", { class: "mf-look-place", id: "mf-look-place" });
  #image = el("img", { class: "mf-look-image", alt: "", draggable: "false", decoding: "async" });
  #lost = el("p", { class: "mf-look-lost", hidden: true }, lightboxMessages.CANNOT_SHOW);
  #stage = el("div", { class: "mf-look-stage" }, this.#image, this.#lost);
  #details = el("dl", { class: "mf-look-facts" });
  // No form owner: this text is no field of the product.
  #field = el("textarea", { class: "mf-field", form: "", rows: "2", maxlength: String(ALT_TEXT_LIMIT) });
  #saved = el("span", { class: "mf-look-saved", role: "status" });
  #zoom = button(
    { class: "mf-icon-button", "aria-label": lightboxMessages.REAL_SIZE, "aria-pressed": "false" },
    () => this.#toggleZoom(),
    icon("zoom"),
  );
  #previous = button(
    { class: "mf-icon-button mf-look-previous", "aria-label": lightboxMessages.PREVIOUS },
    () => this.#go("earlier"),
    icon("back"),
  );
  #next = button(
    { class: "mf-icon-button mf-look-next", "aria-label": lightboxMessages.NEXT },
    () => this.#go("later"),
    icon("back"),
  );
  #dialog;
  #source;
  #onDescribe;
  #id = "";
  #index = 0;
  /** The image shown now. */
  #seen = "";
  /** The current image URL; if it is a blob URL of a local file it must be revoked. */
  #shown = "";
  /** Local file the browser cannot decode. */
  #undecodable = "";
  #start = { x: 0, y: 0 };

  /**
   * @param {Source} source
   * @param {(id: string, altText: string) => void} onDescribe
   */
  constructor(source, onDescribe) {
    this.#source = source;
    this.#onDescribe = onDescribe;
    this.#dialog = el(
      "dialog",
      { class: "mf-look", "aria-labelledby": "mf-look-title mf-look-place" },
      el(
        "header",
        { class: "mf-look-header" },
        this.#title,
        this.#place,
        this.#zoom,
        button(
          { class: "mf-icon-button", "aria-label": lightboxMessages.CLOSE },
          () => this.#dialog.close(),
          icon("close"),
        ),
      ),
      el("div", { class: "mf-look-middle" }, this.#stage, this.#previous, this.#next),
      el(
        "footer",
        { class: "mf-look-footer" },
        el("label", { class: "mf-label" }, lightboxMessages.ALT_TEXT_LABEL, this.#field),
        this.#saved,
        this.#details,
      ),
    );
    this.#listen();
  }

  #listen() {
    this.#dialog.addEventListener("cancel", (event) => event.stopPropagation());
    this.#field.addEventListener("change", () => this.#saveAltText());
    this.#image.addEventListener("load", () => this.#loaded());
    this.#image.addEventListener("error", () => this.#failed());
    this.#stage.addEventListener("pointerdown", (event) => (this.#start = { x: event.clientX, y: event.clientY }));
    this.#stage.addEventListener("pointerup", (event) => this.#lifted(event));
    this.#stage.addEventListener("click", (event) => this.#clicked(event));
  }

  /**
   * @param {Element} host the element on top of which it opens
   * @param {Element} region the live region, which is only heard inside the topmost dialog
   * @param {string} id of the file
   * @param {boolean} isForText whether to focus the alternative text instead of the image
   * @param {(id: string) => void} then called when it closes, with the image shown last
   */
  open(host, region, id, isForText, then) {
    // A second click opens nothing.
    if (this.#id) return;
    const home = region.parentElement;
    this.#id = id;
    host.append(this.#dialog);
    this.#dialog.append(region);
    this.#dialog.addEventListener(
      "close",
      () => {
        home?.append(region);
        then(this.#closed());
      },
      { once: true },
    );
    // A click on the image focuses nothing, and the keys must still work.
    document.addEventListener("keydown", this.#key, { capture: true });
    this.render();
    this.#dialog.showModal();
    if (isForText) this.#field.focus();
  }

  /** Shows what has changed, or the next image if this one is gone. */
  render() {
    if (!this.#id) return;
    const cards = this.#source.cards();
    const card = currentCard(cards, this.#id, this.#index);
    if (!card) return this.#dialog.close();
    const isOther = card.id !== this.#seen;
    this.#id = this.#seen = card.id;
    this.#index = cards.indexOf(card);
    setText(this.#title, card.name);
    setText(this.#place, lightboxMessages.placeOf(this.#index + 1, cards.length));
    setAttr(this.#previous, "disabled", this.#index === 0);
    setAttr(this.#next, "disabled", this.#index === cards.length - 1);
    setAttr(this.#field, "readonly", !this.#source.isOpen());
    if (isOther || document.activeElement !== this.#field) this.#field.value = card.altText;
    if (isOther) setText(this.#saved, "");
    setAttr(this.#image, "alt", card.altText);
    this.#showImage(card, isOther);
    this.#showDetails();
  }

  /**
   * @param {Card} card
   * @param {boolean} isOther
   */
  #showImage({ id, url }, isOther) {
    const file = this.#undecodable === id ? null : this.#source.file(id);
    // The original of a local file is shown even before the server has it.
    const isShown = this.#shown === original(url) && (this.#shown !== "" || !file);
    if (!isOther && (isShown || (file && this.#shown.startsWith("blob:")))) return;
    this.#releaseImage();
    this.#shown = file ? URL.createObjectURL(file) : original(url);
    setAttr(this.#lost, "hidden", this.#shown !== "");
    this.#setZoom(false);
    const set = file ? null : inPlaceOf(url, this.#source.info(id));
    setAttr(this.#image, "sizes", set?.sizes ?? null);
    setAttr(this.#image, "srcset", set?.srcset ?? null);
    setAttr(this.#image, "src", (file ? this.#shown : smallPicture(url)) || null);
  }

  #failed() {
    setAttr(this.#lost, "hidden", false);
    if (!this.#shown.startsWith("blob:")) return;
    // The server may have a preview that can be shown.
    this.#undecodable = this.#id;
    this.render();
  }

  #loaded() {
    setAttr(this.#lost, "hidden", true);
    this.#showDetails();
  }

  #showDetails() {
    const file = this.#source.file(this.#id);
    const details = imageDetails(this.#source.info(this.#id), {
      size: file?.size ?? 0,
      type: file?.type ?? "",
      width: this.#image.naturalWidth,
      height: this.#image.naturalHeight,
    });
    const text = details.map(({ label, value }) => `${label}: ${value}`).join();
    if (this.#details.dataset.text === text) return;
    this.#details.dataset.text = text;
    this.#details.replaceChildren(
      ...details.map(({ label, value }) => el("div", {}, el("dt", {}, label), el("dd", {}, value))),
    );
  }

  /** @param {string} direction */
  #go(direction) {
    const cards = this.#source.cards();
    const card = cards[STEPS[direction](this.#index, cards.length - 1)];
    if (!card || card.id === this.#id) return;
    this.#saveAltText();
    this.#id = card.id;
    this.render();
    // A button that was just disabled must not keep the focus.
    if ([this.#previous, this.#next].some((end) => end.disabled && end === document.activeElement)) this.#title.focus();
  }

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    // Keys in the lightbox must not reach the dialog below.
    event.stopPropagation();
    const isFree = event.target !== this.#field && !event.altKey && !event.ctrlKey && !event.metaKey;
    const direction = isFree && !this.#isZoomed ? directionOf(event.key, this.#dialog) : undefined;
    if (!direction) return;
    event.preventDefault();
    this.#go(direction);
  };

  /** @param {PointerEvent} event */
  #lifted({ pointerType, clientX, clientY }) {
    if (pointerType !== "touch" || this.#isZoomed) return;
    const isMirrored = getComputedStyle(this.#dialog).direction === "rtl";
    const step = swipeStep(clientX - this.#start.x, clientY - this.#start.y, isMirrored);
    if (step) this.#go(step > 0 ? "later" : "earlier");
  }

  /** @param {MouseEvent} event */
  #clicked({ target, clientX, clientY }) {
    if (target !== this.#image || Math.hypot(clientX - this.#start.x, clientY - this.#start.y) > 6) return;
    const box = this.#image.getBoundingClientRect();
    this.#toggleZoom((clientX - box.left) / box.width, (clientY - box.top) / box.height);
  }

  get #isZoomed() {
    return this.#stage.hasAttribute("data-real");
  }

  /** Zooms in at the clicked point. */
  #toggleZoom(across = 0.5, along = 0.5) {
    this.#setZoom(!this.#isZoomed);
    const { scrollWidth, scrollHeight, clientWidth, clientHeight } = this.#stage;
    this.#stage.scrollTo({
      left: across * scrollWidth - clientWidth / 2,
      top: along * scrollHeight - clientHeight / 2,
      behavior: "instant",
    });
  }

  /** @param {boolean} isReal */
  #setZoom(isReal) {
    setAttr(this.#stage, "data-real", isReal);
    // Focusable only if it scrolls.
    setAttr(this.#stage, "tabindex", isReal ? "0" : null);
    setAttr(this.#zoom, "aria-pressed", String(isReal));
    if (!isReal || !this.#shown) return;
    // Until it is there the browser goes on showing the small picture, as large as the image is.
    setAttr(this.#image, "srcset", null);
    setAttr(this.#image, "src", this.#shown);
  }

  #saveAltText() {
    const text = this.#field.value.trim();
    const card = this.#source.cards().find(({ id }) => id === this.#id);
    if (!card || card.altText === text || !this.#source.isOpen()) return;
    this.#onDescribe(this.#id, text);
    setText(this.#saved, lightboxMessages.SAVED);
  }

  #releaseImage() {
    if (this.#shown.startsWith("blob:")) URL.revokeObjectURL(this.#shown);
    this.#shown = "";
  }

  #closed() {
    document.removeEventListener("keydown", this.#key, { capture: true });
    this.#saveAltText();
    const id = this.#id;
    this.#id = "";
    this.#releaseImage();
    this.#seen = "";
    for (const name of ["src", "srcset"]) setAttr(this.#image, name, null);
    this.#dialog.remove();
    return id;
  }
}
