"""A row of the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits

MAX_PIXELS = 100_000_000


class Case(Struct, frozen=True, kw_only=True):
    """An image, what comes of it, and what that may cost."""

    id: str
    build: Callable[[], bytes]
    codes: frozenset[Code]
    """One of these refuses it; none of them: it is taken."""
    claim: str | None = None
    """The content type that its sender says."""
    seconds: float = 10
    memory_mb: int = 200
    """By how much a child that decodes it may grow."""
    limits: ImageLimits = ImageLimits()
    max_pixels: int = MAX_PIXELS
    hidden: tuple[bytes, ...] = ()
    """In the file, and in no stored copy of it."""


def case(id_: str, build: Callable[[], bytes], *codes: Code, **facts: Any) -> Case:
    """A row, as short as a line."""
    return Case(id=id_, build=build, codes=frozenset(codes), **facts)
