"""Upload a large object in parts, one after another, each retried by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, BinaryIO
from uuid import uuid4

from uploads.stores.cloudinary.responses import CallFailed

MIN_PART_BYTES = 5 * 1024 * 1024 + 1
"""Minimum size of all parts but the last: more than 5 MiB."""
TRIES = 3
PAUSE_SECONDS = 1.0
"""Pause after the first failure of a part, doubled after each further one."""

Send = Callable[[bytes, dict[str, str]], dict[str, Any]]


def send_parts(
    content: BinaryIO, size: int, part: int, send: Send, pause: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """Send `content` with `send(bytes, headers)` in parts of `part` bytes; return the response to the last one.

    The upload id is always new, because it is undocumented how long the server keeps the parts of an aborted upload.
    Raises `CallFailed`: that of a part that kept failing, or if the last response describes no object.
    """
    content.seek(0)
    upload_id = uuid4().hex
    response: dict[str, Any] = {}
    for start in range(0, size, part):
        payload = content.read(part)
        headers = {
            "X-Unique-Upload-Id": upload_id,
            "Content-Range": f"bytes {start}-{start + len(payload) - 1}/{size}",
        }
        response = _send(payload, headers, send, pause)
    if not response.get("asset_id"):
        raise CallFailed("put: all parts were accepted, but no object was created", 400)
    return response


def _send(payload: bytes, headers: dict[str, str], send: Send, pause: Callable[[float], None]) -> dict[str, Any]:
    for tried in range(1, TRIES + 1):
        try:
            return send(payload, headers)
        except CallFailed as failed:
            # A server that asks to be left alone, or rejects the part, is not asked again at once.
            again = failed.wait_ms is None and (failed.status is None or failed.status >= 500 or failed.status == 408)
            if tried == TRIES or not again:
                raise
            pause(PAUSE_SECONDS * 2 ** (tried - 1))
    raise AssertionError("unreachable")
