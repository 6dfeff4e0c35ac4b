// @ts-check
/** The lines below a field: values that somebody else typed into it and that can be chosen, and the field's error. */
import * as messages from "../text/form_messages.js";
import { button, el } from "../view/ui/dom.js";
import { shownIn } from "./fields.js";

/**
 * @import { Control } from "./fields.js"
 * @import { OfferInfo } from "../transport/protocol.js"
 */

const HIGHLIGHT_MS = 2_000;

export class FieldNotes {
  /** @type {Map<string, {element: HTMLElement, shown: string}>} by field and kind of line */
  #notes = new Map();
  /** @type {Map<Control, ReturnType<typeof setTimeout>>} */
  #highlighted = new Map();

  /**
   * @param {string} field
   * @param {Control[]} controls
   * @param {OfferInfo[]} offers
   * @param {(values: string[]) => void} choose
   * @returns {boolean} whether there is a new offer
   */
  showOffers(field, controls, offers, choose) {
    const lines = offers.map(({ values, name }) => {
      const use = button({ class: "mf-field-button" }, () => choose(values), messages.USE_THAT);
      return el(
        "span",
        {},
        messages.otherValue(values.map((value) => shownIn(controls[0], value)).join(", "), name),
        " · ",
        use,
      );
    });
    return this.#show(`offers:${field}`, controls, JSON.stringify(offers), lines, "mf-field-offers");
  }

  /**
   * @param {string} field
   * @param {Control[]} controls
   * @param {string} sentence empty if there is no error
   * @returns {boolean} whether it is shown now and was not before
   */
  showProblem(field, controls, sentence) {
    const lines = sentence ? [el("span", {}, sentence)] : [];
    return this.#show(`problem:${field}`, controls, sentence, lines, "mf-field-problem");
  }

  /** @param {Control[]} controls */
  highlight(controls) {
    for (const control of controls) {
      clearTimeout(this.#highlighted.get(control));
      control.setAttribute("data-mf-updated", "");
      const end = () => this.#endHighlight(control);
      this.#highlighted.set(control, setTimeout(end, HIGHLIGHT_MS));
    }
  }

  /** Removes all lines. */
  clear() {
    for (const { element } of this.#notes.values()) this.#remove(element);
    this.#notes.clear();
    for (const [control, timer] of this.#highlighted) {
      clearTimeout(timer);
      this.#endHighlight(control);
    }
  }

  /** @param {Control} control */
  #endHighlight(control) {
    control.removeAttribute("data-mf-updated");
    this.#highlighted.delete(control);
  }

  /**
   * @param {string} key
   * @param {Control[]} controls
   * @param {string} shown identifies the content, so that unchanged lines are not touched
   * @param {Element[]} lines
   * @param {string} look
   */
  #show(key, controls, shown, lines, look) {
    const note = this.#notes.get(key);
    if (note && !note.element.isConnected) this.#notes.delete(key);
    else if (note?.shown === shown) return false;
    if (note) this.#remove(note.element);
    this.#notes.delete(key);
    if (lines.length === 0) return false;
    const control = /** @type {Control} */ (controls.at(-1));
    const element = el("p", { class: `mf-field-note ${look}`, id: `mf-note-${key}` }, ...lines);
    const row = control.closest("[data-variant-row]");
    if (row) row.append(element);
    else control.after(element);
    describe(control, element.id, true);
    this.#notes.set(key, { element, shown });
    return true;
  }

  /** @param {HTMLElement} element */
  #remove(element) {
    const control = document.querySelector(`[aria-describedby~="${element.id}"]`);
    if (control) describe(control, element.id, false);
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    if (hadFocus && control instanceof HTMLElement) control.focus();
  }
}

/**
 * @param {Element} control
 * @param {string} id
 * @param {boolean} isThere
 */
function describe(control, id, isThere) {
  const ids = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
  if (isThere) ids.push(id);
  if (ids.length > 0) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}
