// @ts-check
/** The question asked before a draft is discarded: what is deleted and what stays. */
import { gettext, interpolate, ngettext } from "./gettext.js";
import { withCount } from "./phrases.js";

/** @param {string} title of the product, or empty */
export const discardQuestion = (title) =>
  title ? interpolate(gettext("Discard “%(title)s”?"), { title }) : gettext("Discard this product?");
/** @param {string} title of the product, or empty */
export const discardChangesQuestion = (title) =>
  title
    ? interpolate(gettext("Discard your changes to “%(title)s”?"), { title })
    : gettext("Discard your changes to this product?");
export const WILL_BE_DELETED = gettext("This will be deleted:");
export const PRODUCT_STAYS = gettext("The product itself stays as it is.");
/**
 * What is discarded besides typed text.
 * @param {{images: number, order: boolean, altTexts: boolean, removals: boolean}} lost
 * @returns {string[]}
 */
export const losses = ({ images, order, altTexts, removals }) => [
  ...(images > 0 ? [withCount(images, ngettext("%(count)s image", "%(count)s images", images))] : []),
  ...(order ? [gettext("the order of the images")] : []),
  ...(altTexts ? [gettext("alt texts")] : []),
  ...(removals ? [gettext("which images you removed")] : []),
];
/** @param {number} days 0 if it is deleted too */
export const typedKept = (days) =>
  days > 0
    ? withCount(
        days,
        ngettext(
          "What you typed is kept under “Unsaved products” for %(count)s day.",
          "What you typed is kept under “Unsaved products” for %(count)s days.",
          days,
        ),
      )
    : gettext("What you typed will be deleted too.");
