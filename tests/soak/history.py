"""What a client heard about its draft: the evidence against which the servers' final state is checked.

Times are S, in milliseconds of service time, read from outside just before the event.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class End(StrEnum):
    """How a client ends its draft; `FOUND_EXPIRED` happens to it."""

    COMMIT = "commit"
    DISCARD = "discard"
    LEAVE = "leave"
    VANISH = "vanish"
    STAY = "stay"
    FOUND_EXPIRED = "found expired"


@dataclass
class FileHistory:
    """An image a client uploads. `heard` is what the server said about its bytes, in order: (kind, handle, offset)."""

    id: str
    name: str
    sha256: str
    size: int
    heard: list[tuple[str, int, int]] = field(default_factory=list)
    stored: bool = False
    removed: bool = False


@dataclass
class History:
    """One draft, from its page to its end."""

    draft: str
    files: list[FileHistory] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    """The files in the order that was acknowledged last."""
    left_ms: float = 0.0
    """S when the client last knew that its socket was alive."""
    back_ms: float | None = None
    """S when it returned and found the draft expired."""
    products: list[str] = field(default_factory=list)
    """The product's path in each response to a save."""
    end: End | None = None
    losses: int = 0
    """How often its socket broke."""
    complaints: list[str] = field(default_factory=list)
    """Events that should never happen to a client."""
    client: str = ""
    """Its name in the journal."""
