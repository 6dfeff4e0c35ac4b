// @ts-check
/** Reads and writes the fields of a form that a person fills in, including those of its variant rows. */

import { plainNumber, shownNumber } from "../model/form/decimal_text.js";

/** @typedef {HTMLInputElement|HTMLTextAreaElement|HTMLSelectElement} Control */

/** Input types that hold nothing typed by a person. */
const NOT_TYPED = new Set(["hidden", "file", "submit", "button", "image", "reset", "password"]);
/** Fields that are not part of the product's text. */
const EXCLUDED_FIELDS = new Set(["csrfmiddlewaretoken", "without", "files", "form_revision", "form_author"]);
/** Prefix of a variant row's id in the name of the field that holds its label. */
const LABEL = "variant:";

/**
 * @param {HTMLFormElement} form
 * @returns {Map<string, Control[]>} the controls of each field by name, and of each row's label by row
 */
export function fieldsOf(form) {
  /** @type {Map<string, Control[]>} */
  const fields = new Map();
  for (const element of form.elements) {
    if (!isControl(element)) continue;
    const name = fieldName(element);
    if (name) fields.set(name, [...(fields.get(name) ?? []), element]);
  }
  return fields;
}

/**
 * @param {Element} element
 * @returns {element is Control}
 */
function isControl(element) {
  if (element instanceof HTMLInputElement) return !NOT_TYPED.has(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

/** @param {Control} control */
function fieldName(control) {
  if (!control.matches("[data-variant-label]")) return control.name;
  const row = control.closest("[data-variant-row]");
  return row instanceof HTMLElement && row.dataset.tempId ? LABEL + row.dataset.tempId : "";
}

/**
 * @param {Control[]} controls
 * @returns {string[]} in the wire format: a number is the same in every language
 */
export const valuesOf = (controls) => controls.flatMap((control) => read(control, false));

/**
 * @param {Control[]} controls
 * @returns {string[]} the values with which the page was loaded
 */
export const originalValuesOf = (controls) => controls.flatMap((control) => read(control, true));

/**
 * @param {Control} control
 * @param {boolean} isOriginal
 * @returns {string[]}
 */
function read(control, isOriginal) {
  if (control instanceof HTMLSelectElement)
    return [...control.options]
      .filter((option) => (isOriginal ? option.defaultSelected : option.selected))
      .map(({ value }) => value);
  if (isChoice(control)) return (isOriginal ? control.defaultChecked : control.checked) ? [control.value] : [];
  const text = isOriginal ? control.defaultValue : control.value;
  const separators = separatorsOf(control);
  return [separators ? plainNumber(text, separators) : text];
}

/**
 * @param {Control[]} controls
 * @param {string[]} values
 */
export function writeValues(controls, values) {
  controls.forEach((control, index) => {
    if (control instanceof HTMLSelectElement)
      for (const option of control.options) option.selected = values.includes(option.value);
    else if (isChoice(control)) control.checked = values.includes(control.value);
    else setText(control, shownIn(control, values[index] ?? ""));
  });
}

/**
 * Makes the current values the page's initial ones, because they have been saved.
 * @param {Control[]} controls
 */
export function markSaved(controls) {
  for (const control of controls)
    if (!(control instanceof HTMLSelectElement) && !isChoice(control)) control.defaultValue = control.value;
}

/**
 * @param {Control} control
 * @param {string} text in the wire format
 * @returns {string} as the field shows it
 */
export function shownIn(control, text) {
  const separators = separatorsOf(control);
  return separators ? shownNumber(text, separators) : text;
}

/**
 * @param {Control} control
 * @returns {import("../model/form/decimal_text.js").Separators|null} null if it contains no number
 */
function separatorsOf({ dataset: { decimalSeparator, groupSeparator = "" } }) {
  return decimalSeparator ? { decimal: decimalSeparator, group: groupSeparator } : null;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name of a hidden field, which a form may lack
 * @param {string} value
 */
export function setHidden(form, name, value) {
  const field = hidden(form, name);
  if (field) field.value = value;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @returns {HTMLInputElement|null}
 */
export const hidden = (form, name) => form.querySelector(`input[type=hidden][name=${name}]`);

/**
 * Sets a text without moving the cursor.
 * @param {HTMLInputElement|HTMLTextAreaElement} control
 * @param {string} text
 */
export function setText(control, text, cursor = control.selectionStart) {
  if (control.value === text) return;
  control.value = text;
  // Some input types have no cursor that a script may move.
  if (cursor !== null && control === document.activeElement) control.setSelectionRange(cursor, cursor);
}

/**
 * @param {Control} control
 * @returns {control is HTMLInputElement}
 */
function isChoice(control) {
  return control instanceof HTMLInputElement && (control.type === "checkbox" || control.type === "radio");
}

/**
 * Whether the field has the focus.
 * @param {Control[]} controls
 */
export function isFocused(controls) {
  return document.hasFocus() && controls.some((control) => control === document.activeElement);
}

/**
 * The label of the field on the page.
 * @param {Control[]} controls
 */
export function labelOf([control]) {
  const label = control.labels?.[0]?.firstChild?.textContent ?? control.getAttribute("aria-label");
  return label?.trim() || control.name;
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string[]>} in the order of the form
 */
export function formFields(form) {
  /** @type {Record<string, string[]>} */
  const fields = {};
  for (const [name, value] of new FormData(form)) {
    if (EXCLUDED_FIELDS.has(name) || typeof value !== "string") continue;
    fields[name] ??= [];
    fields[name].push(value);
  }
  return fields;
}
