"""Small pictures of files without any in the store: made when they are first asked for, and kept beside the spool."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO

from uploads import spool
from uploads.core.limits import Limits
from uploads.images import checker, preview_cache
from uploads.models import File


def kept_picture(
    file: File, width: int, opened: Callable[[], BinaryIO], *, limits: Limits, viewer: int | None
) -> bytes:
    """Return the small picture of that width of the file, whose bytes `opened` gives.

    Making it waits for the turn of `viewer`. The limit of pixels holds for a file that was not checked yet. Raises what
    `opened` does, and `Refusal` where there is none.
    """
    # What was once accepted is shown, whatever the limit is today.
    max_pixels = file.width * file.height if file.width and file.height else limits.max_pixels

    def make() -> bytes:
        with opened() as content:
            return checker.small_picture(content, width, max_pixels, owner=viewer, limits=limits.image)

    # The bytes of a file that failed may be sent again, and be others.
    path = spool.previews() / f"{file.pk}-{file.sha256[:16]}-{width}"
    return preview_cache.kept(path, make, limits.image.max_preview_bytes)
