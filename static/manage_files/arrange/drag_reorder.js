// @ts-check
/**
 * Drags a card to a new position, also in another list, with mouse, pen or touch. The card stays until it is dropped,
 * and a line shows the target position. Touch starts at the handle or after a long press, so that lists can still be
 * scrolled. A selected card takes the other selected ones along.
 */
import { whole } from "../text/format.js";
import { el } from "../view/ui/dom.js";

/** @import { Position } from "../model/positions.js" */

const THRESHOLD_PX = 6;
const LONG_PRESS_MS = 350;
const EDGE_PX = 64;
const SCROLL_PX_PER_FRAME = 14;

/**
 * @typedef {object} Drag
 * @property {HTMLElement} card
 * @property {string[]} files all that move, including it, in order
 * @property {HTMLElement[]} cards the cards of these files
 * @property {boolean} isPressed whether a long press lifted it and the finger has not moved since
 * @property {number} pointer
 * @property {number} x start of the drag
 * @property {number} y
 * @property {boolean} mayStart false for a finger that has not pressed long enough
 * @property {HTMLElement|null} ghost null until the drag has started
 * @property {Position|null} position target of a drop
 */

export class DragReorder {
  #root;
  #scroller;
  #together;
  #onDrop;
  #onCancel;
  #onPress;
  /** Whether the click that follows belongs to a drag. */
  #isDragsClick = false;
  /** @type {Drag|null} */
  #drag = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #pressTimer;
  #frame = 0;
  #pointer = { x: 0, y: 0 };
  #line = el("div", { class: "mf-drop-line", hidden: true });
  #started = false;

  /**
   * @param {HTMLElement} root contains the lists, and the ghost, which would not be visible above a dialog otherwise
   * @param {Element} scroller scrolls when the pointer comes near its edge
   * @param {object} then
   * @param {(file: string) => string[]} then.together returns the cards that move along with a card
   * @param {(files: string[], position: Position) => void} then.onDrop
   * @param {() => void} then.onCancel
   * @param {(file: string) => void} then.onPress called after a long press without a move
   */
  constructor(root, scroller, { together, onDrop, onCancel, onPress }) {
    this.#root = root;
    this.#scroller = scroller;
    this.#together = together;
    this.#onDrop = onDrop;
    this.#onCancel = onCancel;
    this.#onPress = onPress;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    this.#root.append(this.#line);
    this.#root.addEventListener("pointerdown", this.#down);
    // Not passive: after a long press the finger moves the card, not the page.
    this.#root.addEventListener("touchmove", this.#hold, { passive: false });
    this.#root.addEventListener("contextmenu", this.#hold);
    this.#root.addEventListener("click", this.#click, { capture: true });
  }

  stop() {
    if (!this.#started) return;
    this.#started = false;
    this.#end();
    this.#line.remove();
    this.#root.removeEventListener("pointerdown", this.#down);
    this.#root.removeEventListener("touchmove", this.#hold);
    this.#root.removeEventListener("contextmenu", this.#hold);
    this.#root.removeEventListener("click", this.#click, { capture: true });
  }

  /** @type {(event: PointerEvent) => void} */
  #down = (event) => {
    const target = /** @type {Element} */ (event.target);
    const card = target.closest(".mf-card");
    const isMovable =
      card instanceof HTMLElement && card.closest("[data-droppable]") && !target.closest("button, input");
    this.#isDragsClick = false;
    if (this.#drag || !isMovable || event.button !== 0) return;
    const mayStart = event.pointerType !== "touch" || target.closest(".mf-card-grip") !== null;
    this.#drag = {
      card,
      files: [],
      cards: [],
      isPressed: false,
      mayStart,
      ghost: null,
      position: null,
      pointer: event.pointerId,
      x: event.clientX,
      y: event.clientY,
    };
    if (!mayStart) this.#pressTimer = setTimeout(() => this.#pressed(), LONG_PRESS_MS);
    window.addEventListener("pointermove", this.#move);
    window.addEventListener("pointerup", this.#up);
    window.addEventListener("pointercancel", this.#cancel);
    window.addEventListener("keydown", this.#key, { capture: true });
  };

  /** @type {(event: PointerEvent) => void} */
  #move = (event) => {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    this.#pointer = { x: event.clientX, y: event.clientY };
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > THRESHOLD_PX;
    if (!drag.ghost && far && !drag.mayStart) return this.#end();
    if (!drag.ghost && far) this.#lift(drag);
    if (far) drag.isPressed = false;
    if (drag.ghost) this.#follow();
  };

  /** @type {(event: PointerEvent) => void} */
  #up = (event) => {
    const drag = this.#drag;
    if (!drag || event.pointerId !== drag.pointer) return;
    const { files, ghost, position, isPressed, card } = drag;
    this.#end();
    this.#isDragsClick = ghost !== null;
    if (isPressed) this.#onPress(card.dataset.fileId ?? "");
    else if (ghost && position) this.#onDrop(files, position);
  };

  /** @type {(event: MouseEvent) => void} */
  #click = (event) => {
    // A keyboard click has no `detail` and belongs to no drag.
    if (!this.#isDragsClick || event.detail === 0) return;
    this.#isDragsClick = false;
    event.preventDefault();
    event.stopPropagation();
  };

  #cancel = () => {
    const wasDragging = Boolean(this.#drag?.ghost);
    this.#end();
    if (wasDragging) this.#onCancel();
  };

  /** @type {(event: KeyboardEvent) => void} */
  #key = (event) => {
    if (event.key !== "Escape" || !this.#drag?.ghost) return;
    // Cancels only the drag; the dialog around it stays open.
    event.preventDefault();
    event.stopPropagation();
    this.#cancel();
  };

  /** @type {(event: Event) => void} */
  #hold = (event) => {
    if (this.#drag?.ghost && event.cancelable) event.preventDefault();
  };

  #pressed() {
    if (!this.#drag) return;
    this.#drag.mayStart = this.#drag.isPressed = true;
    this.#pointer = { x: this.#drag.x, y: this.#drag.y };
    this.#lift(this.#drag);
    this.#follow();
  }

  /** @param {Drag} drag */
  #lift(drag) {
    const { width, left, top } = drag.card.getBoundingClientRect();
    const ghost = /** @type {HTMLElement} */ (drag.card.cloneNode(true));
    ghost.classList.add("mf-ghost");
    ghost.removeAttribute("data-file-id"); // One card for each file.
    ghost.inert = true;
    ghost.style.width = `${width}px`;
    ghost.style.left = `${left - drag.x}px`;
    ghost.style.top = `${top - drag.y}px`;
    drag.files = this.#together(drag.card.dataset.fileId ?? "");
    drag.cards = drag.files.flatMap((file) => this.#cardOf(file) ?? []);
    if (drag.cards.length > 1) ghost.append(el("span", { class: "mf-ghost-count" }, whole.format(drag.cards.length)));
    this.#root.append(ghost);
    for (const card of drag.cards) card.dataset.dragging = "";
    drag.ghost = ghost;
    document.documentElement.dataset.mfDragging = "";
    this.#frame = requestAnimationFrame(this.#scroll);
  }

  #follow() {
    const { x, y } = this.#pointer;
    const drag = /** @type {Drag} */ (this.#drag);
    if (drag.ghost) drag.ghost.style.translate = `${x}px ${y}px`;
    drag.position = this.#positionAt(drag.cards, x, y);
  }

  /** Scrolls near the edges for as long as the pointer stays there. */
  #scroll = () => {
    if (!this.#drag?.ghost) return;
    const { top, bottom } = edges(this.#scroller);
    const step = this.#pointer.y < top + EDGE_PX ? -1 : this.#pointer.y > bottom - EDGE_PX ? 1 : 0;
    if (step) {
      this.#scroller.scrollBy({ top: step * SCROLL_PX_PER_FRAME, behavior: "instant" });
      this.#follow();
    }
    this.#frame = requestAnimationFrame(this.#scroll);
  };

  /**
   * @param {HTMLElement[]} dragged
   * @param {number} x
   * @param {number} y
   * @returns {Position|null}
   */
  #positionAt(dragged, x, y) {
    const under = document.elementFromPoint(x, y);
    const section = under?.closest(".mf-section");
    const list = section?.querySelector("[data-droppable]");
    if (!(list instanceof HTMLElement) || !this.#root.contains(list)) return this.#noPosition();
    const others = [...list.children].filter((card) => !dragged.includes(/** @type {HTMLElement} */ (card)));
    const isRtl = getComputedStyle(list).direction === "rtl";
    const index = insertionIndex(
      others.map((card) => card.getBoundingClientRect()),
      { x, y, isRtl },
    );
    this.#showLine(list, others, index, isRtl);
    const before = others[index - 1];
    return {
      list: list.dataset.list ?? "",
      after: before instanceof HTMLElement ? (before.dataset.fileId ?? null) : null,
    };
  }

  /**
   * @param {string} file
   * @returns {HTMLElement|null}
   */
  #cardOf(file) {
    return this.#root.querySelector(`.mf-card[data-file-id="${CSS.escape(file)}"]`);
  }

  #noPosition() {
    this.#line.hidden = true;
    return null;
  }

  /**
   * @param {Element} list
   * @param {Element[]} others
   * @param {number} index
   * @param {boolean} isRtl
   */
  #showLine(list, others, index, isRtl) {
    const next = others[index]?.getBoundingClientRect();
    const previous = others[index - 1]?.getBoundingClientRect();
    // At the end of a row the line is shown after the last card, not before the first of the next row.
    const sameRow = next && previous && Math.abs(next.top - previous.top) < 2;
    const anchor = next && (!previous || sameRow) ? next : (previous ?? list.getBoundingClientRect());
    const isBefore = anchor === next || !previous;
    const edge = isBefore !== isRtl ? anchor.left : anchor.right;
    this.#line.hidden = false;
    this.#line.style.left = `${edge + (isBefore !== isRtl ? -1 : 1) * 7}px`;
    this.#line.style.top = `${anchor.top}px`;
    this.#line.style.height = `${Math.max(anchor.height, 48)}px`;
  }

  #end() {
    clearTimeout(this.#pressTimer);
    cancelAnimationFrame(this.#frame);
    window.removeEventListener("pointermove", this.#move);
    window.removeEventListener("pointerup", this.#up);
    window.removeEventListener("pointercancel", this.#cancel);
    window.removeEventListener("keydown", this.#key, { capture: true });
    delete document.documentElement.dataset.mfDragging;
    for (const card of this.#drag?.cards ?? []) delete card.dataset.dragging;
    this.#drag?.ghost?.remove();
    this.#drag = null;
    this.#line.hidden = true;
  }
}

/**
 * Returns the index for a drop at this point: that of the first card after it in reading order.
 * @param {Array<{left: number, right: number, top: number, bottom: number}>} rects of the cards, in order
 * @param {{x: number, y: number, isRtl: boolean}} point
 * @returns {number}
 */
export function insertionIndex(rects, { x, y, isRtl }) {
  const index = rects.findIndex(({ left, right, top, bottom }) => {
    if (y < top) return true;
    if (y > bottom) return false;
    const middle = (left + right) / 2;
    return isRtl ? x > middle : x < middle;
  });
  return index < 0 ? rects.length : index;
}

/** @param {Element} scroller */
function edges(scroller) {
  if (scroller === document.scrollingElement) return { top: 0, bottom: window.innerHeight };
  return scroller.getBoundingClientRect();
}
