"""Room for new files: how much of the disk may be promised, and to whom."""

from __future__ import annotations

from msgspec import Struct

from uploads.core.limits import StorageLimits

RESERVE_BYTES = 64 << 20
"""What no image gets of the spool's disk, whatever was promised: the database of a small site needs it."""
COPIES = 3
"""A file on its way lies on the disk up to three times: as received, stripped, and in a store on the same disk."""


class Disk(Struct, frozen=True):
    """The spool's disk in bytes: its size, what is free, and what lies in the spool."""

    total: int
    free: int
    spooled: int


class Use(Struct, frozen=True):
    """Bytes promised and not yet given back: by all users together, and by the `own` one who asks for more."""

    all: int
    own: int


def disk_room(limits: StorageLimits, disk: Disk) -> int:
    """How many bytes of files on their way the disk can take, those included that are already there."""
    floor = max(RESERVE_BYTES, disk.total * limits.min_free_percent // 100)
    return (disk.free + disk.spooled - floor) // COPIES


def fits(size: int, use: Use, room: int) -> bool:
    """Whether a file of `size` bytes fits and leaves the others as much room as its owner then has.

    That is what keeps one user from filling the disk: who asks alone gets half, the next one half of the rest.
    """
    return (use.own + size) <= room - (use.all + size)
