// @ts-check
/** Identifies the lists of a draft: by the temporary id of a variant row, or empty for the product images. */

/** The list of product images; every other list has the temporary id of its variant. */
export const MAIN = "";

/**
 * Returns the protocol's name of a list.
 * @param {string} list
 * @returns {{file_type: "main_image"|"variant_image", variant_temp_id: string|null}}
 */
export function wireList(list) {
  return list === MAIN
    ? { file_type: "main_image", variant_temp_id: null }
    : { file_type: "variant_image", variant_temp_id: list };
}
