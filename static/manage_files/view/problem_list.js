// @ts-check
/** Lists files that were not added and changes that were not made, each with its reason, until dismissed. */
import { groupProblems } from "../model/problem_groups.js";
import * as errorMessages from "../text/error_messages.js";
import * as messages from "../text/messages.js";
import { dispatchAction } from "./card/card_actions.js";
import { button, el, setAttr, setText } from "./ui/dom.js";
import { icon } from "./ui/icons.js";

/** @import { Problem } from "../client/validation.js" */

export class ProblemList {
  #title = el("strong", {});
  #list = el("ul", {});
  #shown = "";
  element;

  /** @param {() => void} onDismiss */
  constructor(onDismiss) {
    const dismiss = button({ class: "mf-icon-button", "aria-label": messages.DISMISS }, onDismiss, icon("close"));
    this.element = el(
      "div",
      { class: "mf-problems", hidden: true },
      icon("warning"),
      el("div", {}, this.#title, this.#list),
      dismiss,
    );
  }

  /** @param {Problem[]} problems */
  render(problems) {
    const groups = groupProblems(problems);
    const sentences = groups.map(({ text }) => text);
    const hadFocus = this.element.contains(document.activeElement);
    setAttr(this.element, "hidden", problems.length === 0);
    if (sentences.join("\n") === this.#shown) return;
    this.#shown = sentences.join("\n");
    const changes = problems.filter(({ isChange }) => isChange).length;
    setText(this.#title, errorMessages.problemsTitle(problems.length - changes, changes));
    this.#list.replaceChildren(...groups.map((group) => el("li", {}, group.text, ...this.#remedy(group.problems))));
    if (hadFocus && !this.element.contains(document.activeElement))
      this.element.dispatchEvent(new Event("mf-focus-lost", { bubbles: true }));
  }

  /** @param {Problem[]} problems of one kind */
  #remedy(problems) {
    if (!problems.every(({ kind, file }) => kind === "too_large" && file)) return [];
    return [
      " ",
      button(
        { class: "mf-button mf-button-small" },
        () => dispatchAction(this.element, { kind: "shrink-all", problems }),
        errorMessages.smallerCopies(problems.length),
      ),
    ];
  }
}
