"""The one table of limits: enforced on the server, told to the browser, shown in the docs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta, Struct, structs

from uploads.core.errors import Code, Refusal

MEGABYTE = 1_000_000
MAX_GRACE_SECONDS = 31_536_000
"""No grace is longer than a year: more is a slip of the keyboard."""
UNIX_SOCKET = "unix"
"""Among the trusted proxies: one that comes over a Unix socket, without an address."""
CONTENT_TYPES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
}
"""Known image types and the extension of their stored object; `uploads.images.checker.content_types` are accepted."""
NEEDS_PREVIEW = ("image/heic", "image/heif")
"""The types that few browsers show: what is shown of them is a preview made by the server or the store."""
HEIC = {*NEEDS_PREVIEW, "image/heic-sequence", "image/heif-sequence"}

Positive = Annotated[int, Meta(ge=1)]


class ImageLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much work one image may be, checked before a pixel of it is decoded or bounded while it is.

    They are ours alone: nothing of them is told to the browser.
    """

    max_side: Positive = 30_000
    max_scans: Positive = 100
    """Of a JPEG, as in Chromium: each scan costs a pass over all pixels, and takes a few bytes of the file."""
    max_parts: Positive = 50_000
    """Segments of a JPEG, chunks of a PNG or WebP."""
    max_boxes: Positive = 10_000
    """Boxes, items and references of an AVIF or HEIC: decoders look each up among all others."""
    max_profile_bytes: Positive = 4 * MEGABYTE
    """Of the colour profile, unpacked."""
    max_cpu_seconds: Positive = 20
    max_seconds: Positive = 30
    max_preview_bytes: Positive = 500 * MEGABYTE
    """Of all previews kept on the disk together; the ones unused for longest go first."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is allowed. Sizes are bytes; all values are at least 1."""

    max_file_bytes: Positive = 20 * MEGABYTE
    max_files: Positive = 200
    max_draft_bytes: Positive = 1000 * MEGABYTE
    max_drafts: Positive = 20
    max_new_drafts: Positive = 300
    max_added_files: Positive = 4_000
    max_session_sockets: Positive = 40
    max_user_sockets: Positive = 100
    max_kept_drafts: Positive = 5
    max_kept_text: Positive = 20_000_000
    """Characters of the texts that one user's ended drafts keep together, as they are stored."""
    max_pixels: Positive = 100_000_000
    max_text_bytes: Positive = 65_536
    max_variants: Positive = 100
    parallel_files: Positive = 3
    chunk_bytes: Annotated[int, Meta(ge=1024, le=524_288)] = 262_144
    window_chunks: Annotated[int, Meta(ge=1, le=16)] = 4
    image: ImageLimits = ImageLimits()


class StorageLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much all users together may use of the disk and of the store (`uploads.core.room`). Sizes are bytes."""

    max_spool_bytes: Positive = 50_000 * MEGABYTE
    """Of all files that are announced and not yet stored."""
    max_temp_bytes: Positive = 100_000 * MEGABYTE
    """Of all files of unsaved drafts, those included."""
    min_free_percent: Annotated[int, Meta(ge=0, le=90)] = 5
    """Of the spool's disk: what no file is promised."""


class RequestLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an HTTP connection may cost before it is known who is behind it. Bytes, seconds; all at least 1."""

    max_body_bytes: Positive = MEGABYTE
    """Of a request without a live session, or to an address that ``BODY_LIMITS`` does not name."""
    max_pending_bytes: Positive = 16 * MEGABYTE
    """Of all such bodies that one process holds at a time."""
    pending_bytes_per_second: Positive = 8 * MEGABYTE
    """Of all such bodies together, those that are refused and dropped included."""
    max_user_bodies: Positive = 24
    """Larger bodies that one user sends to one process at a time; together as large as one draft."""
    body_seconds: Positive = 20
    """How long the rest of a body may be waited for, plus what `body_bytes_per_second` allows for what has come."""
    body_bytes_per_second: Positive = 1000
    header_seconds: Positive = 10
    """From the first byte of a request to the end of its headers."""
    idle_seconds: Positive = 60
    """Between two requests, and before the first."""
    unread_seconds: Positive = 30
    """How long a full send buffer may wait to be read."""
    max_connections: Positive = 300
    """HTTP connections of one process; the one that has waited for its client the longest makes room."""


def lowered(limits: Limits, *, max_file_bytes: int | None, max_pixels: int | None) -> Limits:
    """The limits where somebody else allows less; None allows everything."""
    return structs.replace(
        limits,
        max_file_bytes=min(limits.max_file_bytes, max_file_bytes or limits.max_file_bytes),
        max_pixels=min(limits.max_pixels, max_pixels or limits.max_pixels),
    )


class Size(int):
    """Bytes that are shown as people say them: ``900 kB``, ``14.2 MB``."""

    def __str__(self) -> str:
        number, unit = self.shown()
        return f"{number:.1f}".removesuffix(".0") + f" {unit}"

    def shown(self) -> tuple[float, str]:
        """The number and its unit."""
        if self < MEGABYTE:
            return float(max(1, round(self / 1000))), "kB"
        return round(self / MEGABYTE, 1), "MB"


def check_claim(
    limits: Limits,
    *,
    name: str,
    size: int,
    content_type: str,
    files: int,
    total_bytes: int,
    content_types: Collection[str] = tuple(CONTENT_TYPES),
) -> None:
    """Refuse what a client announces before a byte of it is sent.

    `content_types` are those that can be decoded here; `files` and `total_bytes` count what the draft holds already.
    Raises `Refusal` with ``empty_file``, ``unsupported_type``, ``too_large``, ``too_many_files`` or ``draft_full``.
    """
    if size < 1:
        raise Refusal(Code.EMPTY_FILE, "“%(name)s” is empty. Choose another file.", values={"name": name})
    _check_type(name, content_type, content_types)
    if size > limits.max_file_bytes:
        # Rounded up: a byte too many must not read "is 20 MB. The limit is 20 MB."
        found, allowed = Size(-(-size // 100_000) * 100_000), Size(limits.max_file_bytes)
        raise Refusal(
            Code.TOO_LARGE,
            "“%(name)s” is %(size)s. The limit is %(limit)s.",
            values={"name": name, "size": found, "limit": allowed},
        )
    if files >= limits.max_files:
        raise Refusal(
            Code.TOO_MANY_FILES,
            "“%(name)s” was not added. The limit is %(count)s images.",
            values={"name": name, "count": limits.max_files},
        )
    if total_bytes + size > limits.max_draft_bytes:
        raise Refusal(
            Code.DRAFT_FULL,
            "“%(name)s” was not added. All images together may have %(limit)s.",
            values={"name": name, "limit": Size(limits.max_draft_bytes)},
        )


def _check_type(name: str, content_type: str, taken: Collection[str]) -> None:
    if content_type in taken:
        return
    if content_type in HEIC:
        # As the window says it (`text/error_messages.js`).
        raise Refusal(
            Code.UNSUPPORTED_TYPE,
            "“%(name)s” is an HEIC photo, which is not supported. Export it as JPEG; iPhones take JPEG with Settings,"
            " Camera, Formats, “Most Compatible”.",
            values={"name": name},
        )
    raise Refusal(
        Code.UNSUPPORTED_TYPE,
        "“%(name)s” is not a supported image. Use JPEG, PNG or WebP.",
        values={"name": name},
    )
