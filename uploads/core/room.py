"""Room for new files: how much of the disk may be reserved, and by whom."""

from __future__ import annotations

from msgspec import Struct

from uploads.core.limits import StorageLimits

RESERVE_BYTES = 64 << 20
"""Disk space never given to images, because the database of a small site may be on the same disk."""
SMALL_BYTES = 1_000_000
"""Disk space reserved for the small pictures of a file, once for each copy. Those of photos take a third (measured)."""
COPIES = 3
"""Copies of a file on the disk at a time: as received, stripped, and in a store on the same disk."""


class Disk(Struct, frozen=True):
    """The spool's disk in bytes: its size, the free space, and the size of the spool."""

    total: int
    free: int
    spooled: int


class Use(Struct, frozen=True):
    """Bytes reserved and not yet released: by all users together, and by the requesting user (`own`)."""

    all: int
    own: int


def disk_room(limits: StorageLimits, disk: Disk) -> int:
    """Return how many bytes of incoming files the disk can hold, including those already there."""
    floor = max(RESERVE_BYTES, disk.total * limits.min_free_percent // 100)
    return (disk.free + disk.spooled - floor) // COPIES


def fits(size: int, use: Use, room: int) -> bool:
    """Whether a file of `size` bytes fits and leaves the other users as much room as its owner then has.

    This keeps one user from filling the disk: a single user gets half, the next one half of the rest.
    """
    return (use.own + size) <= room - (use.all + size)
