"""Safe names: display names of files, and keys of their objects in a store.

A name given by the user is only ever displayed and never part of a path or a key.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

MAX_NAME = 120
TEMP_ROOT = "media/temp_product_files/"
"""The folder of all drafts' objects, and of nothing else except the generation marker."""
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u1680\u2800\u3164\uffa0")
"""Invisible letters and marks: a name of nothing else would look empty."""


def display_name(name: str) -> str:
    """Return `name` made safe to display: NFKC, no control, bidi or zero-width characters, at most `MAX_NAME`.

    The extension survives truncation. A name with nothing visible becomes ``image``. Idempotent.
    """
    visible = "".join(c for c in name if unicodedata.category(c) not in _HIDDEN and c not in _BLANK)
    # Normalised after the removal, because a hidden character may have separated a letter from its accent. NFKC may
    # also produce a blank from a variant of another width, so blanks are removed again below.
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
    """Return `username` as a path segment of letters, digits, ``_`` and ``-``."""
    plain = unicodedata.normalize("NFKD", username).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:60] or "user"


def temp_folder(username: str, created_at: datetime) -> str:
    """Return the temp folder of a draft: ``media/temp_product_files/{user}_{UTC time}``."""
    return f"{TEMP_ROOT}{safe_username(username)}_{created_at:%Y%m%dT%H%M%S%f}"


def object_key(folder: str, instance: str, file: UUID, extension: str) -> str:
    """Return the key of a file's object: ``{folder}/{instance}-{uuid}{.ext}``; never reused."""
    return f"{folder}/{instance}-{file}{extension}"


def renamed_key(key: str, extension: str) -> str:
    """Return `key`, as made by `object_key`, with another extension."""
    return key.rpartition(".")[0] + extension
