"""A row of the table."""

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
    """An image, what comes of it, and what that may cost."""

    id: str
    build: Callable[[], bytes]
    codes: frozenset[Code]
    """One of these refuses it; none of them: it is taken."""
    claim: str
    """The content type that its sender says."""
    found: str | None = None
    """The one that it has, where that is another."""
    seconds: float = 10
    memory_mb: int = 200
    """By how much a child that decodes it may grow."""
    small: bool = False
    """Whether it is meant for a server with small limits: those as shipped are far away."""
    hidden: tuple[bytes, ...] = ()
    """In the file, and in no stored copy of it."""

    @property
    def limits(self) -> ImageLimits:
        """What one image may be."""
        return SMALL if self.small else ImageLimits()

    @property
    def max_pixels(self) -> int:
        """How many pixels it may have."""
        return SMALL_PIXELS if self.small else MAX_PIXELS


CLAIMS = {
    **dict.fromkeys(("jpeg", "progressive"), "image/jpeg"),
    **dict.fromkeys(("heic", "heif"), "image/heic"),
    **{word: f"image/{word}" for word in ("png", "webp", "avif")},
}


def case(id_: str, build: Callable[[], bytes], *codes: Code, **facts: Any) -> Case:
    """A row, as short as a line. Unless it names another `claim`, its sender says what its id says."""
    named = (CLAIMS[word] for word in id_.split("-") if word in CLAIMS)
    claim = facts.pop("claim", None) or next(named)
    return Case(id=id_, build=build, codes=frozenset(codes), claim=claim, **facts)
