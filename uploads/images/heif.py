"""HEIC and HEIF, the photos of iPhones: decoded where pillow-heif (the extra ``heic``) is installed.

No Django here: the child processes of `uploads.images.checker` import it.
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
    """The names of Pillow for them, which this process can open from now on; none where they cannot be decoded.

    For child processes only: a host's own Pillow goes on opening what it opened.
    """
    if not is_decodable():
        return ()
    import pillow_heif

    # Neither a small copy nor anything else in the file may stand for the picture itself.
    pillow_heif.register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)
    return ("HEIF",)


def is_film(image: ImageFile) -> bool:
    """Whether the file says that it is a sequence. Several pictures alone are none: the primary one counts."""
    return (image.get_format_mimetype() or "").endswith("-sequence")
