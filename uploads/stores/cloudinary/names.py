"""Map our keys to Cloudinary's terms: public id, format, delivery type. Pure."""

from __future__ import annotations

import re

from uploads.core.errors import Code
from uploads.core.limits import CONTENT_TYPES, NEEDS_PREVIEW
from uploads.core.names import TEMP_ROOT
from uploads.stores.base import StoreError

FORMATS = [extension[1:] for extension in CONTENT_TYPES.values()]
"""The accepted image formats, as Cloudinary names them."""
_NEEDS_PREVIEW = [CONTENT_TYPES[content_type][1:] for content_type in NEEDS_PREVIEW]
_ID = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_FORMAT = re.compile(r"[a-z0-9]{1,5}")


def public_id_of(key: str) -> str:
    """Return the key without its extension. Raises `StoreError` if it could be misread in a URL."""
    stem, dot, extension = key.rpartition(".")
    if not dot or not _ID.fullmatch(stem) or not _FORMAT.fullmatch(extension):
        raise StoreError("this is no key of an object", refused=Code.SERVER_ERROR)
    return stem


def format_of(key: str) -> str:
    """Return the extension of the key."""
    return key.rpartition(".")[2]


def format_shown(format_: str) -> str:
    """Return the fallback format of a thumbnail: few browsers show HEIC."""
    return "jpg" if format_ in _NEEDS_PREVIEW else format_


def kinds_of(key: str, *, private: bool) -> list[str]:
    """Return the delivery types the object of `key` may have, the likeliest first.

    A temp object has the type configured when it was put, which may have changed since.
    """
    if not key.startswith(TEMP_ROOT):
        return ["upload"]
    return ["authenticated", "upload"] if private else ["upload", "authenticated"]
