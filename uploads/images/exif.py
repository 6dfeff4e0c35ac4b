"""What EXIF says that we keep: when a picture was taken, and which way up it is. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

ORIENTATION = 0x0112
DETAILS = 0x8769
"""The tag that leads to the photo's own tags, those below."""
TAKEN_AT = 0x9003
TAKEN_AT_OFFSET = 0x9011
TAKEN_AT_FRACTION = 0x9291


def orientation(tag: object) -> int:
    """The value of `ORIENTATION`, 1 to 8; 1 (as it is) for anything else."""
    return tag if isinstance(tag, int) and 1 <= tag <= 8 else 1


def upright(width: int, height: int, turned: int) -> tuple[int, int]:
    """Width and height as they are seen: the orientations from 5 on lie on their side."""
    return (height, width) if turned >= 5 else (width, height)


def taken_at(details: Mapping[int, object]) -> datetime | None:
    """When the picture was taken, by its camera's clock; None when that is not said or is no time.

    A camera that does not say how far its clock is from UTC is taken to show UTC: pictures of one camera
    keep their order.
    """
    said = _text(details.get(TAKEN_AT))
    fraction = _text(details.get(TAKEN_AT_FRACTION)) or "0"
    offset = _text(details.get(TAKEN_AT_OFFSET)).replace(":", "")
    try:
        clock = datetime.strptime(f"{said}.{fraction[:6]}", "%Y:%m:%d %H:%M:%S.%f").replace(tzinfo=UTC)
        # A clock that was never set, and one before there were cameras.
        return _moved(clock, offset) if clock.year >= 1826 else None
    except (ValueError, OverflowError):
        return None


def _moved(clock: datetime, offset: str) -> datetime:
    try:
        zone = datetime.strptime(offset, "%z").tzinfo
    except ValueError:
        return clock
    return clock.replace(tzinfo=zone).astimezone(UTC)


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    return value.strip(" \0") if isinstance(value, str) else ""
