"""A row of the table of cases."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits

MAX_PIXELS = 100_000_000
SMALL = ImageLimits(max_side=300, max_scans=12, max_parts=40, max_boxes=60)
SMALL_PIXELS = 40_000


class Case(Struct, frozen=True, kw_only=True):
    """An image, the expected result, and what it may cost."""

    id: str
    build: Callable[[], bytes]
    codes: frozenset[Code]
    """The codes one of which refuses it; empty if it is accepted."""
    claim: str
    """The content type its sender declares."""
    found: str | None = None
    """The true content type, if it is a different one."""
    seconds: float = 10
    memory_mb: int = 200
    """How many bytes a child that decodes it may grow."""
    small: bool = False
    """Whether it is meant for a server with small limits, because the default ones are far away."""
    hidden: tuple[bytes, ...] = ()
    """Bytes of the file that no stored copy may contain."""

    @property
    def limits(self) -> ImageLimits:
        """The limits of one image."""
        return SMALL if self.small else ImageLimits()

    @property
    def max_pixels(self) -> int:
        """The limit of its pixels."""
        return SMALL_PIXELS if self.small else MAX_PIXELS


CLAIMS = {
    **dict.fromkeys(("jpeg", "progressive"), "image/jpeg"),
    **dict.fromkeys(("heic", "heif"), "image/heic"),
    **{word: f"image/{word}" for word in ("png", "webp", "avif")},
}


def case(id_: str, build: Callable[[], bytes], *codes: Code, **facts: Any) -> Case:
    """Return a row. Unless `claim` is given, the sender declares the type in the id."""
    named = (CLAIMS[word] for word in id_.split("-") if word in CLAIMS)
    claim = facts.pop("claim", None) or next(named)
    return Case(id=id_, build=build, codes=frozenset(codes), claim=claim, **facts)
