"""Small pictures of files without any in the store: created on first request and cached beside the spool."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from uploads import spool
from uploads.core.limits import Limits
from uploads.images import checker, preview_cache
from uploads.models import File


def cached_picture(
    file: File, width: int, opened: Callable[[], BinaryIO], *, limits: Limits, viewer: int | None
) -> bytes:
    """Return the small picture of that width of the file, whose bytes `opened` returns.

    Creating it waits for a turn of `viewer`. The pixel limit applies only to files that have not been checked. Raises
    what `opened` does, and `Refusal` if no preview can be created.
    """
    # A file that was once accepted is shown, whatever the limit is today.
    max_pixels = file.width * file.height if file.width and file.height else limits.max_pixels

    def make() -> bytes:
        return checker.small_picture(opened, width, max_pixels, owner=viewer, limits=limits.image)

    # The hash is part of the name, because the bytes of a failed file may be sent again and differ.
    path = spool.previews() / f"{file.pk}-{file.sha256[:16]}-{width}"
    return preview_cache.get_or_make(path, make, limits.image.max_preview_bytes)
