"""The draft as every tab sees it: plain values, independent of the transport."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from uploads.core.errors import Code

FileType = Literal["main_image", "variant_image"]
VisibleState = Literal["receiving", "checking", "storing", "stored", "rejected", "attached", "removed"]
LiveState = Literal["open", "grace"]
TempId = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]


class VariantRow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A variant row of the form. `temp_id` is made by the client and identifies the row until the product is saved.

    The rows are in the order of the form. `label` is the variant's name as typed so far.
    """

    temp_id: TempId
    label: Annotated[str, Meta(max_length=200)]


class FileError(Struct, frozen=True, kw_only=True):
    """Why a file was rejected."""

    code: Code
    message: str
    retryable: bool


class FileInfo(Struct, frozen=True, kw_only=True):
    """One file of the draft, in its list or (state ``removed``) removed from it."""

    file: UUID
    name: str
    size: int
    content_type: str
    file_type: FileType
    variant_temp_id: str | None
    sequence: int
    """Its index in its list, dense from 0; if removed, the index it would be restored to."""
    state: VisibleState
    sending: bool
    """While receiving: whether a live socket holds the transfer."""
    attached: bool
    """Whether it is a file of the edited product, not of this draft."""
    url: str
    """URL of its bytes; empty until they are received."""
    sha256: str
    """SHA-256 of its bytes as received, hexadecimal; empty until they are received."""
    alt_text: str
    width: int | None
    """Of the upright image, in pixels; null until it is checked."""
    height: int | None
    taken_at: int | None
    """When it was taken according to its camera, in milliseconds since 1970 (UTC); null if unknown."""
    error: FileError | None


class DraftInfo(Struct, frozen=True, kw_only=True):
    """The draft itself, without its files."""

    id: UUID
    state: LiveState
    target: str
    grace_seconds: int
    """How long the draft is kept after its last tab is closed."""
    grace_seconds_lost: int
    """How long it is kept after the connection is lost."""
    kept_until: int | None = None
    """When *Keep* ends, approximately, in milliseconds since the epoch; null if not requested."""
    changes: list[Literal["text", "variants", "order", "alt_texts", "removals"]] = []
    """What would be lost with the draft besides images; for an edited product, what differs from it."""


class OfferInfo(Struct, frozen=True, kw_only=True):
    """An alternative to the current value of a form field, from a change whose author had not seen the current one.

    Pages show it below the field until a user chooses a value or the draft is saved.
    """

    values: list[str]
    author: str
    """The page it was typed in; empty if unknown."""
    name: str
    """The colleague who typed it; empty for a tab of the draft's owner."""


class FieldInfo(Struct, frozen=True, kw_only=True):
    """A changed field of the form."""

    values: list[str]
    revision: int
    """The revision that set this value: the `base` of the next edit by a page that has shown it."""
    author: str
    name: str
    offers: list[OfferInfo]


class EditorInfo(Struct, frozen=True, kw_only=True):
    """A colleague who has the edited product open."""

    name: str
    idle_seconds: int
    """Seconds since their last change, at the time of reading."""


class LimitsInfo(Struct, frozen=True, kw_only=True):
    """The limits the server enforces; sizes in bytes."""

    max_file_bytes: int
    max_files: int
    max_draft_bytes: int
    max_pixels: int
    max_text_bytes: int
    max_variants: int
    parallel_files: int
    chunk_bytes: int
    window_chunks: int
    content_types: list[str]


class Snapshot(Struct, frozen=True, kw_only=True):
    """The whole draft, the same for every tab."""

    revision: int
    draft: DraftInfo
    variants: list[VariantRow]
    files: list[FileInfo]
    limits: LimitsInfo
    sockets: int
    fields: dict[str, FieldInfo] = {}
    """By name; the label of a variant row is the field ``variant:<temp_id>``."""
    editors: list[EditorInfo] = []
