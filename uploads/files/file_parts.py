"""Stream an open file as the content of a response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import IO

PART_BYTES = 32_768
"""Bytes that an unread response holds in memory, besides the server's own buffer of the same size."""


class FileParts:
    """The bytes of an open file, read part by part in a thread, so that a slow disk does not block the event loop.

    The next part is read once the client has taken the last one. Django calls `close` when the response ends, even if
    nobody read it: after a HEAD, or when the browser left.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while part := await asyncio.to_thread(self._content.read, PART_BYTES):
            yield part

    def close(self) -> None:
        """Close the file."""
        self._content.close()
