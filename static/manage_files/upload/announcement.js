// @ts-check
/**
 * Builds what this tab announces about one of its files: the `add`, the `resume`, and the card shown until the server
 * knows the file.
 */
import { contentType } from "../model/content_type.js";
import { displayName } from "../model/display_name.js";
import { wireList } from "../model/list_id.js";
import { ClientType } from "../transport/protocol.js";

/** @import { FileInfo } from "../transport/protocol.js" */

/**
 * @typedef {object} Announcement
 * @property {string} id
 * @property {File} file
 * @property {string} list
 * @property {string|null} [after] the file to insert it after; null: first; omitted: last
 */

/**
 * @param {Announcement} announcement
 * @returns {{type: string, [field: string]: unknown}} the `add`
 */
export function addCommand({ id, file, list, after }) {
  const place = after === undefined ? {} : { after };
  return {
    type: ClientType.ADD,
    file: id,
    name: displayName(file.name),
    size: file.size,
    content_type: contentType(file),
    ...wireList(list),
    ...place,
  };
}

/** @param {Announcement | {id: string, file: File}} announcement */
export function resumeCommand({ id, file }) {
  return { type: ClientType.RESUME, file: id, size: file.size };
}

/**
 * Returns what the server will report about the file once it knows it.
 * @param {Announcement} announcement
 * @returns {FileInfo}
 */
export function provisionalInfo({ id, file, list }) {
  return {
    file: id,
    name: displayName(file.name),
    size: file.size,
    content_type: contentType(file),
    ...wireList(list),
    sequence: Infinity,
    state: "receiving",
    sending: true,
    attached: false,
    url: "",
    sha256: "",
    alt_text: "",
    width: null,
    height: null,
    taken_at: null,
    error: null,
  };
}
