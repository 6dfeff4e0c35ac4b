"""Every message of the wire protocol ``uploads.v1``: the one definition.

``static/manage_files/transport/protocol.js`` and ``docs/protocol.md`` are generated from this file
(``python3 -m erp uploads_protocol``). Text frames are JSON objects with a ``type``; unknown types,
unknown or missing fields, wrong types and a field that is there twice are refused with an ``error``, never
by dropping the connection. Binary frames are chunks: see `consumers.protocol.framing`.
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
    """Ask where to resume an interrupted file; takes the transfer over from any other socket."""

    op: Op
    file: UUID
    size: Size


class Finish(FromClient, frozen=True, kw_only=True, tag="finish"):
    """Announce that all bytes are sent. `sha256` is of the whole file, or null from a client that cannot compute it."""

    op: Op
    file: UUID
    sha256: Sha256 | None


class Remove(FromClient, frozen=True, kw_only=True, tag="remove"):
    """Remove a file from its list: an unfinished one is deleted, a stored one can be restored."""

    op: Op
    file: UUID


class Restore(FromClient, frozen=True, kw_only=True, tag="restore"):
    """Restore a removed file to its previous position."""

    op: Op
    file: UUID


class Purge(FromClient, frozen=True, kw_only=True, tag="purge"):
    """Delete a removed file permanently."""

    op: Op
    file: UUID


class Reorder(FromClient, frozen=True, kw_only=True, tag="reorder"):
    """Move files, together and in this order, after `after` (null: first) in the given list; also between lists.

    Each file once; all of them or none: ``stale`` if one of several is no longer in a list.
    """

    op: Op
    files: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    file_type: FileType
    variant_temp_id: TempId | None
    after: UUID | None


class Variants(FromClient, frozen=True, kw_only=True, tag="variants"):
    """Set the variant rows to those in the form. The images of a deleted row move to the main list.

    `revision` is the one the client saw; if the rows have changed since, the refusal is ``stale``, with a snapshot.
    """

    op: Op
    revision: int
    rows: Annotated[list[VariantRow], Meta(max_length=1000)]


class Describe(FromClient, frozen=True, kw_only=True, tag="describe"):
    """Set the alternative text of a file."""

    op: Op
    file: UUID
    alt_text: AltText


class EditedField(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The values of a form field, and the newest revision of it that the page has shown (0: none)."""

    values: Annotated[list[str], Meta(max_length=1000)]
    base: Annotated[int, Meta(ge=0)]


class Edit(FromClient, frozen=True, kw_only=True, tag="edit"):
    """Save the values of some form fields. `author` identifies the page by an id made by the client.

    A value that replaces one its page had not seen leaves the replaced one on offer. All text together: at most 64 KiB.
    """

    op: Op
    author: Op
    fields: Annotated[dict[FieldName, EditedField], Meta(min_length=1, max_length=1000)]


class Note(FromClient, frozen=True, kw_only=True, tag="note"):
    """Save the text of the whole form, 64 KiB of JSON at most. Sent by pages of the previous version; see `edit`."""

    op: Op
    fields: dict[str, list[str]]


class Retry(FromClient, frozen=True, kw_only=True, tag="retry"):
    """Retry a rejected file; answered with a `transfer` if its bytes are needed again."""

    op: Op
    file: UUID


class Discard(FromClient, frozen=True, kw_only=True, tag="discard"):
    """Discard the whole draft now."""

    op: Op


class Sync(FromClient, frozen=True, kw_only=True, tag="sync"):
    """Ask for a snapshot."""


class Ping(FromClient, frozen=True, kw_only=True, tag="ping"):
    """Check the connection; answered with `pong`."""


class Snapshot(snapshot.Snapshot, FromServer, frozen=True, kw_only=True, tag="snapshot"):
    """The whole draft, the same for every tab; sent on connect and whenever the revision has changed."""


class Transfer(FromServer, frozen=True, kw_only=True, tag="transfer"):
    """Send the file's bytes from `offset` on, in chunks that carry `handle`."""

    op: str
    file: UUID
    handle: int
    offset: int


class Ack(FromServer, frozen=True, kw_only=True, tag="ack"):
    """All bytes of the transfer below `offset` are received and will survive a server crash."""

    handle: int
    offset: int


class Progress(FromServer, frozen=True, kw_only=True, tag="progress"):
    """Progress of another tab's transfer. At most five a second per file; may be lost."""

    file: UUID
    received: int
    size: int


class Ok(FromServer, frozen=True, kw_only=True, tag="ok"):
    """The command `op` was carried out; the draft has at least this revision."""

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
    """The answer to `ping`."""


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
    """The message in a text frame. Raises `Refusal` (``bad_message``) for anything else.

    NUL and lone surrogates are refused here: PostgreSQL takes neither (measured). So is a field that is there twice,
    of which msgspec takes the last and other parsers the first: whatever stands before the server, a proxy's filter for
    instance, may have checked the other one.
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
