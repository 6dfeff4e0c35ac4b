// @ts-check
/** The files that were not taken and the changes that were not made, each with its reason, until the user dismisses them. */
import { build, button, set, setText } from "./build.js";
import { icon } from "./icons.js";
import { grouped } from "./problem_groups.js";
import * as words from "./words.js";

/** @import { Problem } from "./admission.js" */

export class ProblemList {
  #title = build("strong", {});
  #list = build("ul", {});
  #shown = "";
  element;

  /** @param {() => void} onDismiss */
  constructor(onDismiss) {
    const dismiss = button({ class: "mf-icon-button", "aria-label": words.DISMISS }, onDismiss, icon("close"));
    this.element = build("div", { class: "mf-problems", hidden: true }, icon("warning"),
      build("div", {}, this.#title, this.#list), dismiss);
  }

  /** @param {Problem[]} problems */
  render(problems) {
    const sentences = grouped(problems).map(({ text }) => text);
    set(this.element, "hidden", problems.length === 0);
    if (sentences.join("\n") === this.#shown) return;
    this.#shown = sentences.join("\n");
    const changes = problems.filter(({ isChange }) => isChange).length;
    setText(this.#title, words.problemsTitle(problems.length - changes, changes));
    this.#list.replaceChildren(...sentences.map((sentence) => build("li", {}, sentence)));
  }
}
