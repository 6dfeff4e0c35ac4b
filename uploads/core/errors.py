"""The catalogue of refusals: code, sentence, whether retrying helps, HTTP status.

A refusal is caused by something that the *user or the client* did or ran into. It is sent as
``error {code, message, retryable}`` over the wire, or with the status given here over HTTP. A bug is never a `Refusal`
but an ordinary exception.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Code(StrEnum):
    """Stable names of the refusals; part of the wire protocol (``docs/protocol.md``)."""

    BAD_MESSAGE = "bad_message"
    BAD_CHUNK = "bad_chunk"
    TOO_MUCH_DATA = "too_much_data"
    TOO_FAST = "too_fast"
    SIGNED_OUT = "signed_out"
    NOT_ALLOWED = "not_allowed"
    DRAFT_NOT_FOUND = "draft_not_found"
    DRAFT_ENDED = "draft_ended"
    DRAFT_EXPIRED = "draft_expired"
    FILE_NOT_FOUND = "file_not_found"
    FILE_ID_TAKEN = "file_id_taken"
    NOT_POSSIBLE = "not_possible"
    STALE = "stale"
    SUPERSEDED = "superseded"
    UNKNOWN_VARIANT = "unknown_variant"
    TOO_MANY_VARIANTS = "too_many_variants"
    UNKNOWN_POSITION = "unknown_position"
    TOO_LARGE = "too_large"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    EMPTY_FILE = "empty_file"
    UNSUPPORTED_TYPE = "unsupported_type"
    TYPE_MISMATCH = "type_mismatch"
    """Of the first versions alone: files that they refused keep it."""
    TOO_MANY_FILES = "too_many_files"
    DRAFT_FULL = "draft_full"
    TOO_MANY_DRAFTS = "too_many_drafts"
    TOO_MANY_KEPT = "too_many_kept"
    ALREADY_EDITING = "already_editing"
    TEXT_GONE = "text_gone"
    TEXT_TOO_LARGE = "text_too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    IMAGE_TRUNCATED = "image_truncated"
    IMAGE_UNREADABLE = "image_unreadable"
    IMAGE_TOO_COMPLEX = "image_too_complex"
    METADATA_NOT_REMOVABLE = "metadata_not_removable"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    FILES_UNFINISHED = "files_unfinished"
    STORAGE_FULL = "storage_full"
    STORE_UNAVAILABLE = "store_unavailable"
    LEASE_LOST = "lease_lost"
    RESTARTING = "restarting"
    SERVER_ERROR = "server_error"


class Entry(NamedTuple):
    """Catalogue entry of a code: the sentence shown, whether retrying helps, the HTTP status."""

    message: str
    retryable: bool
    status: int


CATALOGUE: dict[Code, Entry] = {
    Code.BAD_MESSAGE: Entry("The server did not understand this message. Reload the page.", False, 400),
    Code.BAD_CHUNK: Entry("A part of the file came out of order. It is sent again from there.", True, 409),
    Code.TOO_MUCH_DATA: Entry(
        "Too much data was sent at once. The connection was closed; uploads resume by themselves.", True, 413
    ),
    Code.TOO_FAST: Entry("Too many requests in a short time. Wait a moment and try again.", True, 429),
    Code.SIGNED_OUT: Entry("You're signed out. Sign in to continue.", True, 401),
    Code.NOT_ALLOWED: Entry("You do not have the permission to change these images. Ask an administrator.", False, 403),
    Code.DRAFT_NOT_FOUND: Entry("There is no such draft. Start a new product.", False, 404),
    Code.DRAFT_ENDED: Entry("This draft was already saved or discarded.", False, 409),
    Code.DRAFT_EXPIRED: Entry("The images were not saved in time and were removed. Add them again.", False, 410),
    Code.FILE_NOT_FOUND: Entry("This image is no longer part of the draft.", False, 404),
    Code.FILE_ID_TAKEN: Entry("This image cannot be added under this id. Add it again.", False, 409),
    Code.NOT_POSSIBLE: Entry("This is not possible with the image as it is now.", False, 409),
    Code.STALE: Entry("Something changed in another tab. The current state is shown now; try again.", True, 409),
    Code.SUPERSEDED: Entry("Another tab is sending this image now.", False, 409),
    Code.TOO_MANY_VARIANTS: Entry("There are too many variants. Remove some of them.", False, 400),
    Code.UNKNOWN_VARIANT: Entry("This variant is gone. Choose another place for the image.", False, 400),
    Code.UNKNOWN_POSITION: Entry("The image to place it after is not in this list (any more). Try again.", True, 409),
    Code.TOO_LARGE: Entry("The file is too large. Use a smaller copy.", False, 413),
    Code.BODY_TOO_LARGE: Entry(
        "This request is too large. If you were signed out meanwhile, sign in and try again.", False, 413
    ),
    Code.BODY_TOO_SLOW: Entry("The request took too long to arrive. Try again.", True, 408),
    Code.EMPTY_FILE: Entry("The file is empty. Choose another one.", False, 400),
    Code.UNSUPPORTED_TYPE: Entry("This is not a supported image. Use JPEG, PNG or WebP.", False, 415),
    Code.TYPE_MISMATCH: Entry("The file is not what its name says. Export it again as JPEG, PNG or WebP.", False, 415),
    Code.TOO_MANY_FILES: Entry("This draft has as many images as it can hold. Remove some first.", False, 429),
    Code.DRAFT_FULL: Entry("The images of this draft are too large together. Remove some first.", False, 413),
    Code.TOO_MANY_DRAFTS: Entry("You have too many unsaved products. Save or discard one first.", False, 429),
    Code.TOO_MANY_KEPT: Entry(
        "You already keep as many unsaved products as you can. Save or discard one first.", False, 429
    ),
    Code.ALREADY_EDITING: Entry(
        "You already have unsaved changes to this product. Save or discard them first.", False, 409
    ),
    Code.TEXT_GONE: Entry("This text was already restored or deleted.", False, 404),
    Code.TEXT_TOO_LARGE: Entry("The text of this form is too long to be kept. Shorten it.", False, 413),
    Code.TOO_MANY_PIXELS: Entry("The image has too many pixels. Use a smaller copy.", False, 413),
    Code.IMAGE_TRUNCATED: Entry("The image is cut off: its end is missing. Export it again.", False, 400),
    Code.IMAGE_UNREADABLE: Entry("The image cannot be read. Export it again as JPEG, PNG or WebP.", False, 415),
    Code.IMAGE_TOO_COMPLEX: Entry(
        "The image file is too complex to process. Export it again as JPEG, PNG or WebP.", False, 413
    ),
    Code.METADATA_NOT_REMOVABLE: Entry(
        "What this image tells of people and places cannot be taken out safely. Export it again as JPEG, PNG or WebP.",
        False,
        415,
    ),
    Code.CHECKSUM_MISMATCH: Entry("The file changed on its way. It is sent again.", True, 409),
    Code.FILES_UNFINISHED: Entry("Some images are still uploading. Wait for them, or save without them.", True, 409),
    Code.STORAGE_FULL: Entry("The server has no room left for images. Try again later.", True, 503),
    Code.STORE_UNAVAILABLE: Entry("The image store does not answer. Try again in a moment.", True, 503),
    Code.LEASE_LOST: Entry("The server paused for too long. Reconnecting.", True, 503),
    Code.RESTARTING: Entry("The server restarts. Reconnecting.", True, 503),
    Code.SERVER_ERROR: Entry(
        "Something went wrong on the server. Try again; if it stays, tell an administrator.", True, 500
    ),
}


class Refusal(Exception):
    """A refused request, with everything the user needs to know.

    `sentence` replaces the catalogue's where numbers help; `values` fill its placeholders, ``%(limit)s``. `message` is
    the complete sentence in English. It is translated where it is shown: by `uploads.translations.localized_message`
    and, in the window, by `text/error_messages.js`. `detail` carries facts for the calling program (ids, a revision),
    never secrets or paths.
    """

    def __init__(
        self,
        code: Code,
        sentence: str = "",
        *,
        values: Mapping[str, object] | None = None,
        detail: dict[str, object] | None = None,
    ) -> None:
        entry = CATALOGUE[code]
        self.code = code
        self.sentence = sentence or entry.message
        self.values = values or {}
        self.message = self.sentence % self.values if self.values else self.sentence
        self.retryable = entry.retryable
        self.status = entry.status
        self.detail = detail or {}
        super().__init__(f"{code}: {self.message}")


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def of_disk(error: OSError) -> Code:
    """Return the code for a failed disk operation: a full disk, or a problem for an administrator."""
    return Code.STORAGE_FULL if error.errno in _NO_ROOM else Code.SERVER_ERROR
