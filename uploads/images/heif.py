"""HEIC and HEIF, the photos of iPhones, decoded if pillow-heif (the extra ``heic``) is installed.

No Django here, because the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile


@cache
def is_decodable() -> bool:
    """Whether they can be decoded here."""
    try:
        import pillow_heif  # noqa: F401 - it is there, and its library loads
    except ImportError:
        return False
    return True


@cache
def opened_as() -> tuple[str, ...]:
    """Register the formats in this process and return Pillow's names of them; empty if they cannot be decoded.

    For child processes only, so that a host's own Pillow is not changed.
    """
    if not is_decodable():
        return ()
    import pillow_heif

    # No thumbnail or other image in the file may be used instead of the primary image.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return ("HEIF",)


def is_animated(image: ImageFile) -> bool:
    """Whether the file declares an image sequence. Multiple stills are not one; the primary image is used."""
    return (image.get_format_mimetype() or "").endswith("-sequence")
