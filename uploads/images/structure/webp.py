"""WebP: the chunks of its RIFF container."""

from __future__ import annotations

from collections.abc import Iterator

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.segments import Data

EXTENDED = b"VP8X"
FLAGS_AT, HAS_ANIMATION = 20, 0x02
SIGNATURE, FORM = b"RIFF", b"WEBP"


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """Find why it must not be decoded; see `uploads.images.structure.problem`."""
    if data[12:16] == EXTENDED and data[FLAGS_AT : FLAGS_AT + 1] and data[FLAGS_AT] & HAS_ANIMATION:
        return Code.UNSUPPORTED_TYPE
    for parts, (kind, content) in enumerate(chunks(data), 1):
        if parts > limits.max_parts or (kind == b"ICCP" and content.stop - content.start > limits.max_profile_bytes):
            return Code.IMAGE_TOO_COMPLEX
    return None


def chunks(data: Data) -> Iterator[tuple[bytes, slice]]:
    """Yield the kind of each chunk, and the range of its content."""
    at = 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield bytes(data[at : at + 4]), slice(at + 8, at + 8 + length)
        at += 8 + length + (length & 1)
