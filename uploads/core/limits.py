"""The one table of limits: enforced by the server, sent to the browser, listed in the docs."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta, Struct, structs

from uploads.core.errors import Code, Refusal

MEGABYTE = 1_000_000
MAX_GRACE_SECONDS = 31_536_000
"""One year; a longer grace is a typing error."""
UNIX_SOCKET = "unix"
"""Name among the trusted proxies for one that connects through a Unix socket and has no address."""
CONTENT_TYPES = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "image/heif": ".heif",
}
"""Known image types and their file extensions; those of `uploads.images.checker.content_types` are accepted."""
NEEDS_PREVIEW = ("image/heic", "image/heif")
"""Types that few browsers can show, so a preview made by the server or the store is shown instead."""
ANIMATED = {"image/gif", "image/apng"}
HEIC = {*NEEDS_PREVIEW, "image/heic-sequence", "image/heif-sequence"}

Positive = Annotated[int, Meta(ge=1)]


class ImageLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits on the work for one image, checked before any pixel is decoded or enforced during decoding.

    They are not sent to the browser.
    """

    max_side: Positive = 30_000
    max_scans: Positive = 100
    """Scans of a JPEG, as in Chromium: each costs a pass over all pixels but only a few bytes of the file."""
    max_parts: Positive = 50_000
    """Segments of a JPEG, chunks of a PNG or WebP."""
    max_boxes: Positive = 10_000
    """Boxes, items and references of an AVIF or HEIC: decoders search all others for each one."""
    max_profile_bytes: Positive = 4 * MEGABYTE
    """Size of the colour profile, unpacked."""
    max_cpu_seconds: Positive = 20
    max_seconds: Positive = 30
    max_preview_bytes: Positive = 500 * MEGABYTE
    """Total size of the previews on the disk; the least recently used are deleted first."""


class Limits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits for one draft, user or connection. Sizes are bytes; all values are at least 1."""

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
    """Total characters of text kept for one user's ended drafts, as stored."""
    max_pixels: Positive = 100_000_000
    max_text_bytes: Positive = 65_536
    max_variants: Positive = 100
    parallel_files: Positive = 3
    chunk_bytes: Annotated[int, Meta(ge=1024, le=524_288)] = 262_144
    window_chunks: Annotated[int, Meta(ge=1, le=16)] = 4
    image: ImageLimits = ImageLimits()


class StorageLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits on the disk and the store for all users together (`uploads.core.room`). Sizes are bytes."""

    max_spool_bytes: Positive = 50_000 * MEGABYTE
    """Total size of the files announced but not yet stored."""
    max_temp_bytes: Positive = 100_000 * MEGABYTE
    """Total size of the files of unsaved drafts, including the above."""
    min_free_percent: Annotated[int, Meta(ge=0, le=90)] = 5
    """Percentage of the spool's disk that is never reserved for files."""


class RequestLimits(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits on HTTP connections before their user is known. Bytes and seconds; all values are at least 1."""

    max_body_bytes: Positive = MEGABYTE
    """Body size of a request without a live session, or to a path not in ``BODY_LIMITS``."""
    max_pending_bytes: Positive = 16 * MEGABYTE
    """Total size of such bodies that one process holds at a time."""
    pending_bytes_per_second: Positive = 8 * MEGABYTE
    """Rate of all such bodies together, including those refused and dropped."""
    max_user_bodies: Positive = 24
    """Larger bodies that one user sends to one process at a time; their total is limited to one draft's size."""
    body_seconds: Positive = 20
    """Time to wait for the rest of a body, plus the time that `body_bytes_per_second` grants for received bytes."""
    body_bytes_per_second: Positive = 1000
    header_seconds: Positive = 10
    """Time from the first byte of a request to the end of its headers."""
    idle_seconds: Positive = 60
    """Time between two requests, and before the first."""
    unread_seconds: Positive = 30
    """Time that a full send buffer waits for the client to read."""
    max_connections: Positive = 300
    """HTTP connections of one process; the one that has waited longest for its client is closed to make room."""


def lowered(limits: Limits, *, max_file_bytes: int | None, max_pixels: int | None) -> Limits:
    """Return `limits` lowered to the given values; None leaves a limit as it is."""
    return structs.replace(
        limits,
        max_file_bytes=min(limits.max_file_bytes, max_file_bytes or limits.max_file_bytes),
        max_pixels=min(limits.max_pixels, max_pixels or limits.max_pixels),
    )


class Size(int):
    """A number of bytes, shown in a readable unit: ``900 kB``, ``14.2 MB``."""

    def __str__(self) -> str:
        number, unit = self.shown()
        return f"{number:.1f}".removesuffix(".0") + f" {unit}"

    def shown(self) -> tuple[float, str]:
        """Return the number to show and its unit."""
        if self < MEGABYTE:
            return float(max(1, round(self / 1000))), "kB"
        return round(self / MEGABYTE, 1), "MB"


def check_upload(
    limits: Limits,
    *,
    name: str,
    size: int,
    content_type: str,
    files: int,
    total_bytes: int,
    content_types: Collection[str] = tuple(CONTENT_TYPES),
) -> None:
    """Check an upload announced by a client before any byte is sent.

    `content_types` are the types that can be decoded here; `files` and `total_bytes` are what the draft already holds.
    Raises `Refusal` with ``empty_file``, ``unsupported_type``, ``too_large``, ``too_many_files`` or ``draft_full``.
    """
    if size < 1:
        raise Refusal(Code.EMPTY_FILE, "“%(name)s” is empty. Choose another file.", values={"name": name})
    _check_type(name, content_type, content_types)
    if size > limits.max_file_bytes:
        # Rounded up, or one byte too many would read "is 20 MB. The limit is 20 MB."
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
    if content_type in ANIMATED:
        raise Refusal(Code.UNSUPPORTED_TYPE, "Animated images aren't supported. Export a still JPEG, PNG or WebP.")
    if content_type in HEIC:
        # The same sentence as in the window (`text/error_messages.js`).
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
