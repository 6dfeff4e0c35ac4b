"""The small pictures of an image: their sizes, and the keys of their objects beside that of the image.

A store that scales images itself has none (`uploads.stores.base.Thumbnails`).
"""

from __future__ import annotations

import re

WIDTHS = (320, 1280)
"""Pixels. The narrower one fills a card, the wider one a page."""
SMALL, LARGE = WIDTHS
CONTENT_TYPE = "image/webp"
"""It keeps transparency, and every browser that the window runs in shows it."""
_TALLEST = 4
"""A picture is at most this many times as tall as it may be wide: a strip of paper stays small, too."""
_SUFFIX = re.compile(r"_\d{1,5}\Z")


def box(width: int) -> tuple[int, int]:
    """Return the most pixels each way of a small picture of that width."""
    return width, _TALLEST * width


def fitted(width: int, height: int, widest: int) -> tuple[int, int]:
    """Return the size of a `width` x `height` image within `box(widest)`: its proportions stay, and it never grows."""
    across, down = box(widest)
    scale = min(1.0, across / width, down / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def width_asked(text: str | None) -> int | None:
    """Return the width that an address asks for: the next of `WIDTHS`; None when it asks for the image itself."""
    if not text or not re.fullmatch(r"[0-9]{1,5}", text):
        return None
    return next((width for width in WIDTHS if int(text) <= width), None)


def key(image_key: str, width: int) -> str:
    """Return the key of the small picture of the object `image_key`: ``{stem}_{width}.webp``."""
    return f"{image_key.rpartition('.')[0]}_{width}.webp"


def keys(image_key: str) -> list[str]:
    """Return the keys of all small pictures of an object; none for a key that is itself one."""
    return [] if is_small(image_key) else [key(image_key, width) for width in WIDTHS]


def is_small(object_key: str) -> bool:
    """Whether the key, as made by `key` or `names.object_key`, is that of a small picture."""
    return _SUFFIX.search(object_key.rpartition(".")[0]) is not None


def image_stem(object_key: str) -> str:
    """Return the key of the image without its extension, from its key or from that of a small picture."""
    return _SUFFIX.sub("", object_key.rpartition(".")[0])
