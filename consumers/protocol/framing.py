"""Binary frames: each carries one chunk of a file, with its transfer handle and offset."""

from __future__ import annotations

from struct import Struct as Layout

from msgspec import Struct

from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits

CHUNK_HEADER = Layout(">IQ")
"""4-byte big-endian transfer handle, 8-byte big-endian offset; then the payload."""


class Chunk(Struct, frozen=True):
    """A parsed binary frame."""

    handle: int
    offset: int
    payload: memoryview


def parse_chunk(frame: bytes, limits: Limits) -> Chunk:
    """Parse a binary frame. Raises `Refusal` (``bad_message``) if it is too short or too long."""
    size = len(frame) - CHUNK_HEADER.size
    if not 0 < size <= limits.chunk_bytes:
        raise Refusal(Code.BAD_MESSAGE, f"A chunk has 1 to {limits.chunk_bytes} bytes. Got: {max(size, 0)}.")
    handle, offset = CHUNK_HEADER.unpack_from(frame)
    return Chunk(handle, offset, memoryview(frame)[CHUNK_HEADER.size :])
