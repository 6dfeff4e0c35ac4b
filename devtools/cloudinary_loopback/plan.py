"""What differs from account to account, and a switch for each behaviour that nobody published."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

MB = 1024 * 1024


class Plan(Struct, kw_only=True, forbid_unknown_fields=True):
    """Limits and switches of one cloud. The defaults are a free account and, where unknown, the stricter reading."""

    # Official reference and reports; each account tells its own in `usage().media_limits`.
    dynamic_folders: bool = True
    image_max_bytes: int = 10 * MB
    raw_max_bytes: int = 10 * MB
    image_max_px: int = 25_000_000
    body_max_bytes: int = 100 * MB
    admin_calls_per_hour: int = 500
    part_floor_bytes: int = 5 * MB

    # Not established.
    small_part: Literal["refused", "unfinished"] = "refused"
    """A part below the floor: 400 (npm's and .NET's tests), or 200 with ``done: false`` for ever (Go's docs)."""
    partial_upload_seconds: float = 3600
    intermediate_public_id: bool = False
    """Whether an intermediate reply tells the id when the server chose it; a given id is always told."""
    future_timestamps: Literal["refused", "accepted"] = "refused"
    """More than an hour ahead."""
    rename_changes_version: bool = False
    """False is the one public sample; a client must store what the reply says."""
    list_cursors: Literal["by position", "by item"] = "by position"
    """By position, a deletion between two pages makes the second page skip assets; by item it does not."""

    strict: bool = True
    """Whether `Cloud.check` minds parameters that had no effect."""
