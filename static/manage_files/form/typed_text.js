// @ts-check
/** Determines whether the form has typed text that is not saved. */

/** @import { Typed } from "../model/losses.js" */

/**
 * @param {HTMLFormElement|null} form
 * @param {boolean} isNew whether all text counts as typed, not only what differs from the loaded page
 * @returns {Typed}
 */
export function typedText(form, isNew) {
  const fields = [...(form?.elements ?? [])].filter(isText);
  const isTyped = (/** @type {HTMLInputElement|HTMLTextAreaElement} */ { value, defaultValue }) =>
    isNew ? value.trim() !== "" : value !== defaultValue;
  const inRow = (/** @type {Element} */ field) => field.closest("[data-variant-row]") !== null;
  return {
    text: fields.some((field) => !inRow(field) && isTyped(field)),
    variants: fields.some((field) => inRow(field) && isTyped(field)),
  };
}

/**
 * @param {Element} field
 * @returns {field is HTMLInputElement|HTMLTextAreaElement}
 */
function isText(field) {
  if (field instanceof HTMLTextAreaElement) return true;
  return field instanceof HTMLInputElement && !["hidden", "file", "submit", "button"].includes(field.type);
}
