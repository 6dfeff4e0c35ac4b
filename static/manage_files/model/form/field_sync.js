// @ts-check
/**
 * Decides what a form field shows when it is also changed elsewhere; the counterpart of
 * `uploads/drafts/field_merge.py`. A field that was not changed here takes the newer value. One that was keeps its
 * value, and the other is on offer. Pure.
 */

/** @import { FieldInfo, OfferInfo } from "../../transport/protocol.js" */

/** @typedef {{values: string[], revision: number}} Agreed the value this page and the server last agreed on */

/** What is agreed on with a draft that knows nothing of a field. */
export const UNKNOWN = Object.freeze({ values: [], revision: 0 });

/**
 * @typedef {object} LocalField
 * @property {string[]} shown the value in this page
 * @property {Agreed} agreed
 * @property {string[]} [loaded] the value with which a form came back unsaved: what the page has shown is no news to it
 * @property {boolean} isSending whether a change by this page is unconfirmed
 */

/**
 * @typedef {object} Decision
 * @property {Agreed} agreed
 * @property {boolean} take whether the field takes the server's value
 * @property {boolean} isAsked whether the server has yet to learn that this page has its value; it keeps another one on
 *   offer
 * @property {OfferInfo[]} offers values that can be chosen instead of the current one
 */

/**
 * @typedef {object} FieldRecord what a page remembers of a field
 * @property {Agreed} agreed
 * @property {{op: string, values: string[]}|null} sent the latest change without a response
 * @property {string[]|null} refused values that the server refused; not sent again
 * @property {boolean} isAsked see `Decision`
 */

/**
 * @param {LocalField} local
 * @param {FieldInfo} current the field on the server
 * @param {ReadonlySet<string>} mine the author ids of this page
 * @returns {Decision}
 */
export function syncField({ shown, agreed, loaded = agreed.values, isSending }, current, mine) {
  const server = { values: current.values, revision: Math.max(agreed.revision, current.revision) };
  const isKnown = [agreed.values, loaded].some((values) => sameValues(values, current.values));
  const known = isKnown ? server : agreed;
  const isMine = (/** @type {{author: string}} */ { author }) => mine.has(author);
  // What this page has shown is not offered to it.
  const all = [...(isKnown ? [] : [current]), ...current.offers].filter((offer) => !isMine(offer));
  const offersBeside = (/** @type {string[]} */ values) => all.filter((offer) => !sameValues(offer.values, values));
  // An older snapshot may arrive after the response to our own change.
  if (known === agreed && current.revision < agreed.revision)
    return { agreed, take: false, isAsked: false, offers: offersBeside(shown) };
  if (sameValues(shown, current.values)) {
    const isAsked = !isSending && current.offers.some(isMine);
    return { agreed: server, take: false, isAsked, offers: offersBeside(shown) };
  }
  // The server has this value on offer to others, because whichever page replaced it had not seen it.
  const isOffered = current.offers.some((offer) => isMine(offer) && sameValues(offer.values, shown));
  const isTouched = isSending || isOffered || !sameValues(shown, agreed.values);
  // At the same revision, the field cannot hold the value: a number field accepts no other text.
  if (isTouched || current.revision <= agreed.revision)
    return { agreed: known, take: false, isAsked: false, offers: offersBeside(shown) };
  return { agreed: server, take: true, isAsked: false, offers: offersBeside(current.values) };
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
export function sameValues(one, other) {
  return one.length === other.length && one.every((value, index) => value === other[index]);
}
