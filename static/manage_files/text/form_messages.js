// @ts-check
/** Messages about the fields of the form: values typed elsewhere, and text that cannot be saved. */
import { whole } from "./format.js";
import { gettext, interpolate } from "./gettext.js";

/** The length of text that fits into one line. */
const SHOWN_LENGTH = 80;

export const USE_THAT = gettext("Use that");
/**
 * @param {string} value
 * @param {string} name of a colleague; empty if it was typed in another tab
 */
export const otherValue = (value, name) => {
  const letters = Array.from(value.trim());
  const shown = letters.length > SHOWN_LENGTH ? `${letters.slice(0, SHOWN_LENGTH).join("")}…` : letters.join("");
  if (!shown) return name ? interpolate(gettext("%(name)s: empty"), { name }) : gettext("Other tab: empty");
  return name
    ? interpolate(gettext("%(name)s: %(value)s"), { name, value: shown })
    : interpolate(gettext("Other tab: %(value)s"), { value: shown });
};
/**
 * @param {string} field
 * @param {string} name of a colleague, or empty
 */
export const fieldUpdated = (field, name) =>
  name
    ? interpolate(gettext("%(name)s changed %(field)s."), { name, field })
    : interpolate(gettext("%(field)s changed in another tab."), { field });
/**
 * @param {string} field
 * @param {string} name of a colleague, or empty
 */
export const fieldContested = (field, name) =>
  name
    ? interpolate(gettext("%(name)s changed %(field)s too. Your text stays; theirs is below the field."), {
        name,
        field,
      })
    : interpolate(gettext("%(field)s changed in another tab too. Your text stays; the other is below the field."), {
        field,
      });
/** @param {string} name of a colleague */
export const isEditing = (name) => interpolate(gettext("%(name)s is editing this product."), { name });
/** @param {string} name of a colleague who has been idle for a while */
export const hasOpen = (name) => interpolate(gettext("%(name)s has this open."), { name });
export const ROW_REMOVED_ELSEWHERE = gettext("Removed in the other tab");
export const ROW_CHANGED_ELSEWHERE = gettext("Changed in the other tab");
export const REMOVE_ROW = gettext("Remove");
/** @param {string} label */
export const rowRemovedElsewhere = (label) => interpolate(gettext("%(label)s was removed in another tab."), { label });
/** @param {number} limit characters */
export const shortened = (limit) =>
  interpolate(gettext("Only the first %(count)s characters fit here."), { count: whole.format(limit) });
export const TEXT_TOO_LONG = gettext("This text is too long to keep until you save. Shorten it.");
export const TEXT_REFUSED = gettext(
  "This text couldn't be kept. It's still in this form: change it, or save the product.",
);
