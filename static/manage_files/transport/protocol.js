// GENERATED from consumers/protocol/messages.py by `python3 -m erp uploads_protocol`. Do not edit.
// @ts-check

export const SUBPROTOCOL = "uploads.v1";

/** Bytes before the payload of a binary chunk: handle (4) and offset (8), big-endian. */
export const CHUNK_HEADER_BYTES = 12;

/** The most bytes of a text frame. */
export const MAX_TEXT_FRAME = 131072;

export const CloseCode = Object.freeze({
  BAD_PROTOCOL: 4400,
  SIGNED_OUT: 4401,
  NOT_ALLOWED: 4403,
  NOT_FOUND: 4404,
  LEASE_LOST: 4408,
  ENDED: 4409,
  EXPIRED: 4410,
  TOO_MUCH_DATA: 4413,
  TOO_FAST: 4429,
  RESTARTING: 4503,
});

export const Code = Object.freeze({
  BAD_MESSAGE: "bad_message",
  BAD_CHUNK: "bad_chunk",
  TOO_MUCH_DATA: "too_much_data",
  TOO_FAST: "too_fast",
  SIGNED_OUT: "signed_out",
  NOT_ALLOWED: "not_allowed",
  DRAFT_NOT_FOUND: "draft_not_found",
  DRAFT_ENDED: "draft_ended",
  DRAFT_EXPIRED: "draft_expired",
  FILE_NOT_FOUND: "file_not_found",
  FILE_ID_TAKEN: "file_id_taken",
  NOT_POSSIBLE: "not_possible",
  STALE: "stale",
  SUPERSEDED: "superseded",
  UNKNOWN_VARIANT: "unknown_variant",
  TOO_MANY_VARIANTS: "too_many_variants",
  UNKNOWN_POSITION: "unknown_position",
  TOO_LARGE: "too_large",
  BODY_TOO_LARGE: "body_too_large",
  BODY_TOO_SLOW: "body_too_slow",
  EMPTY_FILE: "empty_file",
  UNSUPPORTED_TYPE: "unsupported_type",
  TYPE_MISMATCH: "type_mismatch",
  TOO_MANY_FILES: "too_many_files",
  DRAFT_FULL: "draft_full",
  TOO_MANY_DRAFTS: "too_many_drafts",
  TOO_MANY_KEPT: "too_many_kept",
  ALREADY_EDITING: "already_editing",
  TEXT_GONE: "text_gone",
  TEXT_TOO_LARGE: "text_too_large",
  TOO_MANY_PIXELS: "too_many_pixels",
  IMAGE_TRUNCATED: "image_truncated",
  IMAGE_UNREADABLE: "image_unreadable",
  IMAGE_TOO_COMPLEX: "image_too_complex",
  METADATA_NOT_REMOVABLE: "metadata_not_removable",
  CHECKSUM_MISMATCH: "checksum_mismatch",
  FILES_UNFINISHED: "files_unfinished",
  STORAGE_FULL: "storage_full",
  STORE_UNAVAILABLE: "store_unavailable",
  LEASE_LOST: "lease_lost",
  RESTARTING: "restarting",
  SERVER_ERROR: "server_error",
});

export const ClientType = Object.freeze({
  ADD: "add",
  RESUME: "resume",
  FINISH: "finish",
  REMOVE: "remove",
  RESTORE: "restore",
  PURGE: "purge",
  REORDER: "reorder",
  VARIANTS: "variants",
  DESCRIBE: "describe",
  EDIT: "edit",
  NOTE: "note",
  RETRY: "retry",
  DISCARD: "discard",
  SYNC: "sync",
  PING: "ping",
});

export const ServerType = Object.freeze({
  SNAPSHOT: "snapshot",
  TRANSFER: "transfer",
  ACK: "ack",
  PROGRESS: "progress",
  OK: "ok",
  ERROR: "error",
  ENDED: "ended",
  PONG: "pong",
});

/**
 * A variant row of the form. `temp_id` is made by the client and identifies the row until the product is saved.
 *
 * @typedef {object} VariantRow
 * @property {string} temp_id
 * @property {string} label
 */

/**
 * Why a file was rejected.
 *
 * @typedef {object} FileError
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable
 */

/**
 * One file of the draft, in its list or (state ``removed``) removed from it.
 *
 * @typedef {object} FileInfo
 * @property {string} file
 * @property {string} name
 * @property {number} size
 * @property {string} content_type
 * @property {"main_image"|"variant_image"} file_type
 * @property {string|null} variant_temp_id
 * @property {number} sequence
 * @property {"receiving"|"checking"|"storing"|"stored"|"rejected"|"attached"|"removed"} state
 * @property {boolean} sending
 * @property {boolean} attached
 * @property {string} url
 * @property {string} sha256
 * @property {string} alt_text
 * @property {number|null} width
 * @property {number|null} height
 * @property {number|null} taken_at
 * @property {FileError|null} error
 */

/**
 * The draft itself, without its files.
 *
 * @typedef {object} DraftInfo
 * @property {string} id
 * @property {"open"|"grace"} state
 * @property {string} target
 * @property {number} grace_seconds
 * @property {number} grace_seconds_lost
 * @property {number|null} [kept_until]
 * @property {Array<"text"|"variants"|"order"|"alt_texts"|"removals">} [changes]
 */

/**
 * An alternative to the current value of a form field, from a change whose author had not seen the current one.
 *
 * @typedef {object} OfferInfo
 * @property {Array<string>} values
 * @property {string} author
 * @property {string} name
 */

/**
 * A changed field of the form.
 *
 * @typedef {object} FieldInfo
 * @property {Array<string>} values
 * @property {number} revision
 * @property {string} author
 * @property {string} name
 * @property {Array<OfferInfo>} offers
 */

/**
 * A colleague who has the edited product open.
 *
 * @typedef {object} EditorInfo
 * @property {string} name
 * @property {number} idle_seconds
 */

/**
 * The limits the server enforces; sizes in bytes.
 *
 * @typedef {object} LimitsInfo
 * @property {number} max_file_bytes
 * @property {number} max_files
 * @property {number} max_draft_bytes
 * @property {number} max_pixels
 * @property {number} max_text_bytes
 * @property {number} max_variants
 * @property {number} parallel_files
 * @property {number} chunk_bytes
 * @property {number} window_chunks
 * @property {Array<string>} content_types
 */

/**
 * The values of a form field, and the newest revision of it that the page has shown (0: none).
 *
 * @typedef {object} EditedField
 * @property {Array<string>} values
 * @property {number} base
 */

/**
 * Announce a new file and ask where to send it. Idempotent by `file`, a UUID made by the client.
 *
 * @typedef {object} Add
 * @property {"add"} type
 * @property {string} op
 * @property {string} file
 * @property {string} name
 * @property {number} size
 * @property {string} content_type
 * @property {"main_image"|"variant_image"} [file_type]
 * @property {string|null} [variant_temp_id]
 * @property {string|null} [after]
 */

/**
 * Resume an interrupted upload; the `transfer` in response names the offset to continue at.
 *
 * @typedef {object} Resume
 * @property {"resume"} type
 * @property {string} op
 * @property {string} file
 * @property {number} size
 */

/**
 * Report that all bytes have been sent, so that the file is checked and stored.
 *
 * @typedef {object} Finish
 * @property {"finish"} type
 * @property {string} op
 * @property {string} file
 * @property {string|null} sha256
 */

/**
 * Remove a file from its list. Unfinished and rejected files are deleted; others can be restored until the save.
 *
 * @typedef {object} Remove
 * @property {"remove"} type
 * @property {string} op
 * @property {string} file
 */

/**
 * Restore a removed file to its previous position, or to the main list if its variant is gone.
 *
 * @typedef {object} Restore
 * @property {"restore"} type
 * @property {string} op
 * @property {string} file
 */

/**
 * Delete a removed file permanently. Refused for a file of the edited product, which only a save may delete.
 *
 * @typedef {object} Purge
 * @property {"purge"} type
 * @property {string} op
 * @property {string} file
 */

/**
 * Move files, together and in this order, after `after` (null: first) in the given list; also between lists.
 *
 * @typedef {object} Reorder
 * @property {"reorder"} type
 * @property {string} op
 * @property {Array<string>} files
 * @property {"main_image"|"variant_image"} file_type
 * @property {string|null} variant_temp_id
 * @property {string|null} after
 */

/**
 * Set the draft's variant rows to those in the form. The images of a deleted row move to the main list.
 *
 * @typedef {object} Variants
 * @property {"variants"} type
 * @property {string} op
 * @property {number} revision
 * @property {Array<VariantRow>} rows
 */

/**
 * Set the alternative text of a file, which the product page shows as the image's `alt`.
 *
 * @typedef {object} Describe
 * @property {"describe"} type
 * @property {string} op
 * @property {string} file
 * @property {string} alt_text
 */

/**
 * Save the values of some form fields. `author` is an id that the client generates once per page.
 *
 * @typedef {object} Edit
 * @property {"edit"} type
 * @property {string} op
 * @property {string} author
 * @property {Object<string, EditedField>} fields
 */

/**
 * Save the text of the whole form, at most 64 KiB of JSON. Sent by pages of the previous version; see `edit`.
 *
 * @typedef {object} Note
 * @property {"note"} type
 * @property {string} op
 * @property {Object<string, Array<string>>} fields
 */

/**
 * Retry a rejected file. The response is a `transfer` if its bytes are needed again, otherwise `ok`.
 *
 * @typedef {object} Retry
 * @property {"retry"} type
 * @property {string} op
 * @property {string} file
 */

/**
 * Discard the whole draft and delete its files now. Its text can be restored for a while.
 *
 * @typedef {object} Discard
 * @property {"discard"} type
 * @property {string} op
 */

/**
 * Request a snapshot, for example after an `error` with the code ``stale``.
 *
 * @typedef {object} Sync
 * @property {"sync"} type
 */

/**
 * Check the connection; the response is `pong`.
 *
 * @typedef {object} Ping
 * @property {"ping"} type
 */

/**
 * The whole draft, the same for every tab; sent on connect and whenever the revision has changed.
 *
 * @typedef {object} Snapshot
 * @property {"snapshot"} type
 * @property {number} revision
 * @property {DraftInfo} draft
 * @property {Array<VariantRow>} variants
 * @property {Array<FileInfo>} files
 * @property {LimitsInfo} limits
 * @property {number} sockets
 * @property {Object<string, FieldInfo>} [fields]
 * @property {Array<EditorInfo>} [editors]
 */

/**
 * Ask for the file's bytes from `offset` on, in chunks that carry `handle`. Answers `add`, `resume` and `retry`.
 *
 * @typedef {object} Transfer
 * @property {"transfer"} type
 * @property {string} op
 * @property {string} file
 * @property {number} handle
 * @property {number} offset
 */

/**
 * Acknowledge all bytes of the transfer below `offset`: they have been received and survive a server crash.
 *
 * @typedef {object} Ack
 * @property {"ack"} type
 * @property {number} handle
 * @property {number} offset
 */

/**
 * Report the progress of another tab's transfer, in bytes. At most five a second per file; may be lost.
 *
 * @typedef {object} Progress
 * @property {"progress"} type
 * @property {string} file
 * @property {number} received
 * @property {number} size
 */

/**
 * Confirm that the command `op` was carried out. The draft has at least this revision.
 *
 * @typedef {object} Ok
 * @property {"ok"} type
 * @property {string} op
 * @property {number} revision
 */

/**
 * A refusal: a code, a sentence for the user, and whether retrying helps.
 *
 * @typedef {object} Error
 * @property {"error"} type
 * @property {string|null} op
 * @property {string} code
 * @property {string} message
 * @property {boolean} retryable
 * @property {string|null} [file]
 */

/**
 * The draft has ended; the socket closes after this.
 *
 * @typedef {object} Ended
 * @property {"ended"} type
 * @property {"committed"|"discarded"|"expired"} reason
 * @property {string} by
 * @property {string} url
 * @property {Array<string>} names
 * @property {boolean} [deleted]
 */

/**
 * Answer `ping`.
 *
 * @typedef {object} Pong
 * @property {"pong"} type
 */
