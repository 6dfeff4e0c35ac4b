"""Names that are safe: what a file is called on the screen, and where its bytes lie in a store.

A name the user gave is only ever shown; it is never part of a path or a key.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

MAX_NAME = 120
TEMP_ROOT = "media/temp_product_files/"
"""Below it lie the objects of all drafts, and nothing else."""
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u1680\u2800\u3164\uffa0")
"""Letters and marks that show nothing: a name of them alone would look empty."""


def display_name(name: str) -> str:
    """`name` as it may be shown: NFKC, no control, bidi or zero-width characters, at most 120.

    The extension survives the cut. A name with nothing left to show becomes ``image``. Done twice it changes nothing.
    """
    visible = "".join(c for c in name if unicodedata.category(c) not in _HIDDEN and c not in _BLANK)
    # Afterwards: what was hidden may have kept a letter and its accent apart, or stood in for a blank of another width.
    normal = unicodedata.normalize("NFKC", visible)
    base = re.split(r"[/\\]", normal)[-1]
    shown = "".join(c for c in base if c not in _BLANK).strip(" .")
    return _cut(shown).strip(" .") or "image"


def _cut(shown: str) -> str:
    if len(shown) <= MAX_NAME:
        return shown
    stem, dot, extension = shown.rpartition(".")
    if not dot or len(extension) > 10:
        return shown[:MAX_NAME]
    return f"{stem[: MAX_NAME - len(extension) - 1]}.{extension}"


def safe_username(username: str) -> str:
    """`username` as one path segment of letters, digits, ``_`` and ``-``."""
    plain = unicodedata.normalize("NFKD", username).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:60] or "user"


def temp_folder(username: str, created_at: datetime) -> str:
    """The temp folder of a draft: ``media/temp_product_files/{user}_{UTC time}``."""
    return f"{TEMP_ROOT}{safe_username(username)}_{created_at:%Y%m%dT%H%M%S%f}"


def object_key(folder: str, instance: str, file: UUID, extension: str) -> str:
    """The key of a file's object: ``{folder}/{instance}-{uuid}{.ext}``; never reused."""
    return f"{folder}/{instance}-{file}{extension}"
