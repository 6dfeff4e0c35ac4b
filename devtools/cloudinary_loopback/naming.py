"""The id of an upload: rules over plain values."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from devtools.cloudinary_loopback.refusals import Refused

FORBIDDEN = re.compile(r"[?&#\\%<>+\x00-\x1f]|^[ /]|[ /]$|//")
"""Official reference: what no public id may hold."""


def check(public_id: str, parameter: str = "public_id") -> str:
    """The id itself. Raises `Refused` (400; the text is assumed)."""
    if not public_id or len(public_id) > 255 or FORBIDDEN.search(public_id):
        raise Refused(400, f"{parameter} ({public_id}) is invalid")
    return public_id


def stem(filename: str) -> str:
    """The bare name of what a client sent, whose path may be of any system."""
    return PurePosixPath(filename.replace("\\", "/")).stem or "file"


def extension(filename: str) -> str:
    """Return the extension, lower case and without its dot."""
    return PurePosixPath(filename.replace("\\", "/")).suffix.lstrip(".").lower()
