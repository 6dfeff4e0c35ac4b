"""WebP: the chunks of its RIFF."""

from __future__ import annotations

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits
from uploads.images.metadata.pieces import Data

SIGNATURE = b"RIFF"


def problem(data: Data, limits: ImageLimits) -> Code | None:
    """See `uploads.images.structure.problem`."""
    at, parts = 12, 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        parts += 1
        if parts > limits.max_parts or (data[at : at + 4] == b"ICCP" and length > limits.max_profile_bytes):
            return Code.IMAGE_TOO_COMPLEX
        at += 8 + length + (length & 1)
    return None
