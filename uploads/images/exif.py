"""Read the facts in EXIF that we keep: the capture time, and the orientation as browsers understand it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

ORIENTATION = 0x0112
DETAILS = 0x8769
"""The tag that points to the photo's own tags, those below."""
TAKEN_AT = 0x9003
TAKEN_AT_OFFSET = 0x9011
TAKEN_AT_FRACTION = 0x9291


ByteOrder = Literal["little", "big"]
_BYTE_ORDERS: dict[bytes, ByteOrder] = {b"II*\0": "little", b"MM\0*": "big"}
_SHORT, _LONG = 3, 4
_ENTRY_BYTES = 12


def orientation(block: bytes) -> int:
    """Return `ORIENTATION` in a TIFF block, 1 to 8, as browsers read it; 1 (unchanged) if they read none.

    They use the first entry that is one number of the right type and size, wherever it is: among the photo's own tags,
    out of order, or in a list that ends early. Everything else counts as missing (measured in Chromium).
    """
    return next(_orientations(block), 1)


def _orientations(block: bytes) -> Iterator[int]:
    order = _BYTE_ORDERS.get(block[:4])
    if order is None:
        return
    has_details = False
    for entry in _entries(block, int.from_bytes(block[4:8], order), order):
        yield from _turn(entry, order)
        if entry[:2] == (DETAILS, _LONG) and not has_details:
            has_details = True
            for inner in _entries(block, int.from_bytes(entry[2], order), order):
                yield from _turn(inner, order)


def _entries(block: bytes, at: int, order: ByteOrder) -> Iterator[tuple[int, int, bytes]]:
    """Yield tag, type and value of each entry of a list that is a single number within the block."""
    said, held = int.from_bytes(block[at : at + 2], order), (len(block) - at - 2) // _ENTRY_BYTES
    for start in range(at + 2, at + 2 + _ENTRY_BYTES * min(said, held), _ENTRY_BYTES):
        tag, kind = (int.from_bytes(block[place : place + 2], order) for place in (start, start + 2))
        if int.from_bytes(block[start + 4 : start + 8], order) == 1:
            yield tag, kind, block[start + 8 : start + _ENTRY_BYTES]


def _turn(entry: tuple[int, int, bytes], order: ByteOrder) -> Iterator[int]:
    tag, kind, value = entry
    turned = int.from_bytes(value[:2], order)
    if (tag, kind) == (ORIENTATION, _SHORT) and 1 <= turned <= 8:
        yield turned


def upright(width: int, height: int, turned: int) -> tuple[int, int]:
    """Return the upright width and height; orientations from 5 on are rotated by a quarter turn."""
    return (height, width) if turned >= 5 else (width, height)


def taken_at(details: Mapping[int, object]) -> datetime | None:
    """Return the capture time by the camera's clock; None if it is missing or invalid.

    A camera that does not record its offset from UTC is assumed to show UTC, so that images of one camera keep their
    order.
    """
    said = _text(details.get(TAKEN_AT))
    fraction = _text(details.get(TAKEN_AT_FRACTION)) or "0"
    offset = _text(details.get(TAKEN_AT_OFFSET)).replace(":", "")
    try:
        clock = datetime.strptime(f"{said}.{fraction[:6]}", "%Y:%m:%d %H:%M:%S.%f").replace(tzinfo=UTC)
        # A clock that was never set, or a date before there were cameras.
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
