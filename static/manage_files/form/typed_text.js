// @ts-check
/** Reads from the form whether somebody typed something that is not saved. */

/** @import { Typed } from "../model/losses.js" */

/**
 * @param {HTMLFormElement|null} form
 * @param {boolean} isNew whether all of it was typed, and not only what differs from the page as it was loaded
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
