"""Admission of new files: by the rate of their user, the limits of their draft, and the room for all users.

Room is reserved when a file is announced, before its first byte, and released by its state.
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.db.models import Count, Q, Sum

from uploads import spool
from uploads.conf import upload_settings
from uploads.core import names, states
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits, check_upload
from uploads.core.room import SMALL_BYTES, Use, disk_room, fits
from uploads.core.token_bucket import KeyedLimiter, Rate
from uploads.images import checker
from uploads.models import File, StorageRoom
from uploads.stores import account
from uploads.stores.registry import small_widths

logger = logging.getLogger("uploads.spool")

ADDS = Rate(1_000, 0.5)
"""Files that a user adds, in whatever way: the row of each is kept for a month, also when it is removed at once."""
adds = KeyedLimiter(ADDS)


def count_add(user_id: int) -> None:
    """Count a file that the user adds through this process. Raises `Refusal` (``too_fast``)."""
    if not adds.take(str(user_id), time.monotonic()):
        raise Refusal(Code.TOO_FAST)


def check(name: str, size: int, content_type: str, *, files: int, total_bytes: int) -> Limits:
    """Refuse a file that exceeds the limits, for a draft that has `files` files of `total_bytes` already.

    Returns the effective limits. Raises `Refusal` with the limits' codes.
    """
    limits = account.effective_limits()
    check_upload(
        limits,
        name=names.display_name(name),
        size=size,
        content_type=content_type,
        files=files,
        total_bytes=total_bytes,
        content_types=checker.content_types(),
    )
    return limits


def reserve(owner_id: int | None, size: int) -> None:
    """Reserve room for a file of `size` bytes whose row this transaction writes. Raises `Refusal` (``storage_full``).

    The row is the reservation: it counts until the file is stored (disk) and until its draft has ended (temp area).
    """
    # Locked until the row is committed, so that of two concurrent files the second counts the first.
    StorageRoom.objects.select_for_update().get_or_create(pk=1)
    limits = upload_settings().storage_limits
    spooled, mine = Q(state__in=states.SPOOLED), Q(draft__owner=owner_id)
    unsaved = File.objects.filter(source=None, state__in=states.VISIBLE)
    use = unsaved.aggregate(
        spool=Sum("size", filter=spooled, default=0),
        own_spool=Sum("size", filter=spooled & mine, default=0),
        files=Count("pk", filter=spooled),
        own_files=Count("pk", filter=spooled & mine),
        temp=Sum("size", default=0),
        own_temp=Sum("size", filter=mine, default=0),
    )
    _require("spool", size, Use(use["spool"], use["own_spool"]), limits.max_spool_bytes)
    small = SMALL_BYTES if small_widths() else 0
    on_disk = Use(use["spool"] + use["files"] * small, use["own_spool"] + use["own_files"] * small)
    _require("disk", size + small, on_disk, disk_room(limits, spool.disk()))
    _require("temp folder", size, Use(use["temp"], use["own_temp"]), limits.max_temp_bytes)


def _require(what: str, size: int, use: Use, room: int) -> None:
    if not fits(size, use, room):
        facts: tuple[Any, ...] = (what, size, use.all, room, use.own)
        logger.error("no room in the %s for %d bytes: %d of %d are promised, %d of them to this user", *facts)
        raise Refusal(Code.STORAGE_FULL)
