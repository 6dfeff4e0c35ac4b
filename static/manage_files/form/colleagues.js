// @ts-check
/** Shows above the form who else has the product open. */
import * as messages from "../text/form_messages.js";
import { el, setAttr, setText } from "../view/ui/dom.js";

/** @import { LiveDraft } from "../client/live_draft.js" */

const IDLE_SECONDS = 300;
const LOOK_MS = 15_000;

export class Colleagues {
  #form;
  #live;
  #say;
  #line = el("p", { class: "mf-field-note", "data-editors": true, hidden: true });
  /** @type {unknown} */
  #snapshot = null;
  #readAt = 0;
  #told = "";
  /** @type {ReturnType<typeof setInterval>|undefined} */
  #timer;

  /**
   * @param {HTMLFormElement} form
   * @param {LiveDraft} live
   * @param {(sentence: string) => void} say
   */
  constructor(form, live, say) {
    this.#form = form;
    this.#live = live;
    this.#say = say;
  }

  start() {
    this.#form.prepend(this.#line);
    this.#live.addEventListener("change", this.#changed);
    this.#timer = setInterval(this.#look, LOOK_MS);
  }

  stop() {
    this.#live.removeEventListener("change", this.#changed);
    clearInterval(this.#timer);
    this.#line.remove();
  }

  #changed = () => {
    const { snapshot } = this.#live.draft;
    if (snapshot === this.#snapshot) return;
    this.#snapshot = snapshot;
    this.#readAt = Date.now();
    this.#look();
  };

  #look = () => {
    const editors = this.#live.isOpen ? (this.#live.draft.snapshot?.editors ?? []) : [];
    const since = (Date.now() - this.#readAt) / 1000;
    const isIdle = (/** @type {{idle_seconds: number}} */ { idle_seconds }) => idle_seconds + since >= IDLE_SECONDS;
    const names = (/** @type {boolean} */ idle) =>
      editors.filter((one) => isIdle(one) === idle).map(({ name }) => name);
    const sentences = [
      ...names(false).map((name) => messages.isEditing(name)),
      ...names(true).map((name) => messages.hasOpen(name)),
    ];
    const shown = sentences.join(" ");
    setText(this.#line, shown);
    setAttr(this.#line, "hidden", shown === "");
    if (shown && shown !== this.#told) this.#say(shown);
    this.#told = shown;
  };
}
