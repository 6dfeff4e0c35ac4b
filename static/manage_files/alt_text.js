// @ts-check
/** Asks for the alternative text of a file. */
import { build } from "./build.js";
import { Question } from "./question.js";
import * as words from "./words.js";

/** @import { Card } from "./cards.js" */

/**
 * @param {Element} parent
 * @param {Card} card
 * @returns {Promise<string|null>} null: leave it as it is
 */
export async function askAltText(parent, card) {
  // No form owner: Return must not submit the product, nor may the text become a field of it.
  const field = build("textarea", { class: "mf-field", form: "", rows: "3", maxlength: String(words.ALT_TEXT_LIMIT), autofocus: true });
  field.value = card.altText;
  const question = new Question({
    title: words.altTextTitle(card.name),
    body: [build("label", { class: "mf-label" }, words.ALT_TEXT_LABEL, field)],
    choices: [
      { words: words.SAVE, value: "save", look: "primary" },
      { words: words.CANCEL, value: "" },
    ],
  });
  const answer = await question.ask(parent);
  return answer === "save" ? field.value.trim() : null;
}
