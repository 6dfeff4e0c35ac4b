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
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_BLANK = set("\u034f\u115f\u1160\u17b4\u17b5\u1680\u2800\u3164\uffa0")
"""Invisible letters and marks: a name of nothing else would look empty."""
_NOTHING = re.compile(r"[\u2065\ufdd0-\ufdef\ufff0-\ufff8\U000e0000-\U000e0fff]")
"""Code points that will never be letters. Others that Python's tables do not know yet stay: they are newer emoji."""
_SHOWN_SIGNS = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
"""Visible signs around a number, which Unicode counts as format characters."""
_VIRAMA = (
    r"\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u0f84\u1039\u103a\u1714\u1734\u17d2"
    r"\u1a60\u1b44\u1baa\u1bab\ua806\ua8c4\ua953\ua9c0\uaaf6\uabed"
)
_CURSIVE, _INDIC, _PICTURES = r"\u0620-\u085f\u0870-\u08ff", r"\u0904-\u0dff", r"\u2190-\u2bff\U0001f000-\U0001faff"
_JOINING = re.compile(
    # In Indic scripts, next to a virama.
    rf"(?<=[{_VIRAMA}])[\u200c\u200d]|(?<=[{_INDIC}])\u200d(?=[{_VIRAMA}])"
    # In Arabic scripts, between letters; a joiner may also end a word.
    rf"|(?<=[{_CURSIVE}])\u200c(?=[{_CURSIVE}])|(?<=[{_CURSIVE}])\u200d"
    # Between emoji that form another one together.
    rf"|(?<=[{_PICTURES}])\u200d(?=[{_PICTURES}])|(?<=[{_PICTURES}]\ufe0f)\u200d(?=[{_PICTURES}])"
    # In flags of regions, such as England's.
    r"|(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
)
"""Zero-width characters that change how their neighbours look. Elsewhere they are invisible, and removed."""


def display_name(name: str) -> str:
    """Return `name` made safe to display: NFKC, no control, bidi or invisible characters, at most `MAX_NAME`.

    The extension survives truncation. A name with nothing visible becomes ``image``. Idempotent.
    """
    # A removal may bring letter and accent together, or leave a joiner between nothing.
    shown, before = name, None
    while shown != before:
        before, shown = shown, _shown(shown)
    return shown or "image"


def _shown(name: str) -> str:
    # Normalised after the removal, because a hidden character may have separated a letter from its accent. NFKC may
    # also produce a blank from a variant of another width, so blanks are removed again below.
    normal = unicodedata.normalize("NFKC", _visible(name))
    base = re.split(r"[/\\]", normal)[-1]
    return _cut(_visible(base).strip(" .")).strip(" .")


def _visible(text: str) -> str:
    joining = {at for found in _JOINING.finditer(text) for at in range(found.start(), found.end())}
    return "".join(c for at, c in enumerate(text) if at in joining or not _is_hidden(c))


def _is_hidden(c: str) -> bool:
    if c in _BLANK or _NOTHING.match(c) or ord(c) & 0xFFFE == 0xFFFE:
        return True
    return unicodedata.category(c) in _HIDDEN and c not in _SHOWN_SIGNS


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
