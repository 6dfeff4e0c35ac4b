"""What a client was told about its draft: the one witness the servers' final state is held against.

Times are S, milliseconds of service time, as read from outside just before the event.
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
    """One image a client sends. `heard` is what the server said of its bytes, in order: (kind, handle, offset)."""

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
    """S when the client last knew its socket alive."""
    back_ms: float | None = None
    """S when it came back and found the draft expired."""
    products: list[str] = field(default_factory=list)
    """The product's path, as each answer to a save named it."""
    end: End | None = None
    losses: int = 0
    """How often its socket broke."""
    complaints: list[str] = field(default_factory=list)
    """What should never happen to a client, as it happened."""
    client: str = ""
    """Its name in the journal."""
