"""Every message of the wire protocol ``uploads.v1``: the one definition.

``static/manage_files/transport/protocol.js`` and ``docs/protocol.md`` are generated from this file
(``python3 -m erp uploads_protocol``). Text frames are JSON objects with a ``type``. Unknown types, unknown, missing or
duplicate fields and wrong types are refused with an ``error``, never by dropping the connection. Binary frames are
chunks: see `consumers.protocol.framing`.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from consumers.protocol.close_codes import CloseCode
from uploads.core import snapshot
from uploads.core.errors import Code, Refusal
from uploads.core.snapshot import FileType, TempId, VariantRow

SUBPROTOCOL = "uploads.v1"

MAX_TEXT_FRAME = 131_072
"""Maximum size of a text frame; the largest legitimate one is a `Note` of 64 KiB with its JSON escapes."""

Op = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=1000)]
Size = Annotated[int, Meta(ge=0, le=2**53)]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
AltText = Annotated[str, Meta(max_length=300)]
FieldName = Annotated[str, Meta(min_length=1, max_length=200)]


class FromClient(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """A message from the browser."""


class FromServer(Struct, frozen=True, kw_only=True, tag_field="type"):
    """A message from the server."""


class Add(FromClient, frozen=True, kw_only=True, tag="add"):
    """Announce a new file and ask where to send it. Idempotent by `file`, a UUID made by the client."""

    op: Op
    file: UUID
    name: Name
    size: Size
    content_type: Annotated[str, Meta(max_length=100)]
    file_type: FileType = "main_image"
    variant_temp_id: TempId | None = None
    after: UUID | msgspec.UnsetType | None = msgspec.UNSET
    """The file to insert it after; null: first; absent: last."""


class Resume(FromClient, frozen=True, kw_only=True, tag="resume"):
    """Resume an interrupted upload; the `transfer` in response names the offset to continue at.

    Takes the transfer over from any other socket. `size` must match the file announced with `add`.
    """

    op: Op
    file: UUID
    size: Size


class Finish(FromClient, frozen=True, kw_only=True, tag="finish"):
    """Report that all bytes have been sent, so that the file is checked and stored.

    `sha256` is the hash of the whole file, or null from a client that cannot compute it.
    """

    op: Op
    file: UUID
    sha256: Sha256 | None


class Remove(FromClient, frozen=True, kw_only=True, tag="remove"):
    """Remove a file from its list. Unfinished and rejected files are deleted; others can be restored until the save."""

    op: Op
    file: UUID


class Restore(FromClient, frozen=True, kw_only=True, tag="restore"):
    """Restore a removed file to its previous position, or to the main list if its variant is gone."""

    op: Op
    file: UUID


class Purge(FromClient, frozen=True, kw_only=True, tag="purge"):
    """Delete a removed file permanently. Refused for a file of the edited product, which only a save may delete."""

    op: Op
    file: UUID


class Reorder(FromClient, frozen=True, kw_only=True, tag="reorder"):
    """Move files, together and in this order, after `after` (null: first) in the given list; also between lists.

    Each file may appear once. Either all files move or none: ``stale`` if one of several is no longer in a list.
    """

    op: Op
    files: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    file_type: FileType
    variant_temp_id: TempId | None
    after: UUID | None


class Variants(FromClient, frozen=True, kw_only=True, tag="variants"):
    """Set the draft's variant rows to those in the form. The images of a deleted row move to the main list.

    `revision` is the one the client saw; if the rows have changed since, the refusal is ``stale``, with a snapshot.
    """

    op: Op
    revision: int
    rows: Annotated[list[VariantRow], Meta(max_length=1000)]


class Describe(FromClient, frozen=True, kw_only=True, tag="describe"):
    """Set the alternative text of a file, which the product page shows as the image's `alt`."""

    op: Op
    file: UUID
    alt_text: AltText


class EditedField(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The values of a form field, and the newest revision of it that the page has shown (0: none)."""

    values: Annotated[list[str], Meta(max_length=1000)]
    base: Annotated[int, Meta(ge=0)]


class Edit(FromClient, frozen=True, kw_only=True, tag="edit"):
    """Save the values of some form fields. `author` is an id that the client generates once per page.

    If a value replaces one that its page had not shown, the replaced value stays available as an offer. The text of all
    fields may total 64 KiB.
    """

    op: Op
    author: Op
    fields: Annotated[dict[FieldName, EditedField], Meta(min_length=1, max_length=1000)]


class Note(FromClient, frozen=True, kw_only=True, tag="note"):
    """Save the text of the whole form, at most 64 KiB of JSON. Sent by pages of the previous version; see `edit`."""

    op: Op
    fields: dict[str, list[str]]


class Retry(FromClient, frozen=True, kw_only=True, tag="retry"):
    """Retry a rejected file. The response is a `transfer` if its bytes are needed again, otherwise `ok`."""

    op: Op
    file: UUID


class Discard(FromClient, frozen=True, kw_only=True, tag="discard"):
    """Discard the whole draft and delete its files now. Its text can be restored for a while."""

    op: Op


class Sync(FromClient, frozen=True, kw_only=True, tag="sync"):
    """Request a snapshot, for example after an `error` with the code ``stale``."""


class Ping(FromClient, frozen=True, kw_only=True, tag="ping"):
    """Check the connection; the response is `pong`."""


class Snapshot(snapshot.Snapshot, FromServer, frozen=True, kw_only=True, tag="snapshot"):
    """The whole draft, the same for every tab; sent on connect and whenever the revision has changed."""


class Transfer(FromServer, frozen=True, kw_only=True, tag="transfer"):
    """Ask for the file's bytes from `offset` on, in chunks that carry `handle`. Answers `add`, `resume` and `retry`."""

    op: str
    file: UUID
    handle: int
    offset: int


class Ack(FromServer, frozen=True, kw_only=True, tag="ack"):
    """Acknowledge all bytes of the transfer below `offset`: they have been received and survive a server crash."""

    handle: int
    offset: int


class Progress(FromServer, frozen=True, kw_only=True, tag="progress"):
    """Report the progress of another tab's transfer, in bytes. At most five a second per file; may be lost."""

    file: UUID
    received: int
    size: int


class Ok(FromServer, frozen=True, kw_only=True, tag="ok"):
    """Confirm that the command `op` was carried out. The draft has at least this revision."""

    op: str
    revision: int


class Error(FromServer, frozen=True, kw_only=True, tag="error"):
    """A refusal: a code, a sentence for the user, and whether retrying helps."""

    op: str | None
    code: Code
    message: str
    retryable: bool
    file: UUID | None = None


class Ended(FromServer, frozen=True, kw_only=True, tag="ended"):
    """The draft has ended; the socket closes after this."""

    reason: Literal["committed", "discarded", "expired"]
    by: str
    """Name of the user who ended it, or empty."""
    url: str
    """URL of the saved product; empty unless committed."""
    names: list[str]
    """Names of the images deleted with it, in order; empty if committed."""
    deleted: bool = False
    """Whether it was discarded because the product it edits was deleted."""

    @property
    def close_code(self) -> CloseCode:
        """The close code that follows."""
        return CloseCode.EXPIRED if self.reason == "expired" else CloseCode.ENDED


class Pong(FromServer, frozen=True, kw_only=True, tag="pong"):
    """Answer `ping`."""


ClientMessage = (
    Add
    | Resume
    | Finish
    | Remove
    | Restore
    | Purge
    | Reorder
    | Variants
    | Describe
    | Edit
    | Note
    | Retry
    | Discard
    | Sync
    | Ping
)
CLIENT_MESSAGES: tuple[type[FromClient], ...] = ClientMessage.__args__
SERVER_MESSAGES: tuple[type[FromServer], ...] = (
    Snapshot, Transfer, Ack, Progress, Ok, Error, Ended, Pong,
)  # fmt: skip

_NUL = re.compile(r"\x00|(?<!\\)(?:\\\\)*\\u0000")
"""NUL, literal or as a JSON escape; a typed backslash is itself escaped and does not match."""

_OP = re.compile(r'(?<!\\)"op"\s*:\s*"([A-Za-z0-9_-]{1,64})"')
_OP_WITHIN = 4096


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise msgspec.ValidationError("Object contains a field twice")
    return found


_decoder: msgspec.json.Decoder[ClientMessage] = msgspec.json.Decoder(ClientMessage)
_names = json.JSONDecoder(object_pairs_hook=_each_once)
_encoder = msgspec.json.Encoder()


def decode(text: str) -> ClientMessage:
    """Return the message in a text frame. Raises `Unreadable` (``bad_message``) if it is not a valid one.

    NUL and lone surrogates are refused here because PostgreSQL accepts neither (measured). So is a duplicate field:
    msgspec uses the last one and other parsers the first, so a filter in front of the server may have checked another
    value.
    """
    if len(text) > MAX_TEXT_FRAME:
        raise Unreadable("The message is too long.", text)
    if _NUL.search(text):
        raise Unreadable("Messages may not contain NUL characters.", text)
    try:
        message = _decoder.decode(text.encode())
        _names.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unreadable(f"The server did not understand this message: {error}.", text) from error
    return message


class Unreadable(Refusal):
    """A text frame that is not a valid message; `op` is that of the intended command, if it can be found."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(Code.BAD_MESSAGE, message)
        self.op = _op_in(text)


def _op_in(text: str) -> str | None:
    """Find the `op` of an invalid command, without which its sender could not match the refusal."""
    # The middle may be typed text of any length and is skipped. Quotes in it are escaped in JSON and do not match.
    found = _OP.search(text[:_OP_WITHIN]) or _OP.search(text[-_OP_WITHIN:])
    return found[1] if found else None


def error(refusal: Refusal, op: str | None = None, file: UUID | None = None) -> Error:
    """Return the message that sends `refusal` to the sender of the command `op`."""
    return Error(op=op, code=refusal.code, message=refusal.message, retryable=refusal.retryable, file=file)


def encode(message: FromServer) -> str:
    """Encode `message` as a text frame."""
    return _encoder.encode(message).decode()
