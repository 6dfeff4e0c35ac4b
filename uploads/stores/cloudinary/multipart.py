"""A large object sent in parts, one after another, each tried again by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, BinaryIO
from uuid import uuid4

from uploads.stores.cloudinary.responses import CallFailed

LEAST_PART = 5 * 1024 * 1024 + 1
"""All parts but the last must be larger than 5 MB."""
TRIES = 3
PAUSE_SECONDS = 1.0
"""After the first failure of a part; twice as long after each further one."""

Send = Callable[[bytes, dict[str, str]], dict[str, Any]]


def send_parts(
    content: BinaryIO, size: int, part: int, send: Send, pause: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Send `content` by `send(bytes, headers)` in parts of `part` bytes; the answer to the last one.

    They have an id that was never used: how long the server keeps parts of a try that was broken off, nobody says.
    Raises `CallFailed`: that of a part that kept failing, or when the last answer tells of no object.
    """
    content.seek(0)
    upload_id = uuid4().hex
    told: dict[str, Any] = {}
    for start in range(0, size, part):
        payload = content.read(part)
        headers = {
            "X-Unique-Upload-Id": upload_id,
            "Content-Range": f"bytes {start}-{start + len(payload) - 1}/{size}",
        }
        told = _send(payload, headers, send, pause)
    if not told.get("asset_id"):
        raise CallFailed("put: all parts were taken and no object was made of them", 400)
    return told


def _send(payload: bytes, headers: dict[str, str], send: Send, pause: Callable[[float], None]) -> dict[str, Any]:
    for tried in range(1, TRIES + 1):
        try:
            return send(payload, headers)
        except CallFailed as failed:
            # Who asks to be left alone, or says no, is not asked again at once.
            again = failed.wait_ms is None and (failed.status is None or failed.status >= 500 or failed.status == 408)
            if tried == TRIES or not again:
                raise
            pause(PAUSE_SECONDS * 2 ** (tried - 1))
    raise AssertionError("unreachable")
