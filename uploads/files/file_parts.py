"""An open file as the content of a streamed response."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import IO

PART_BYTES = 32_768
"""As much as an answer that nobody reads holds in memory, beside the server's own buffer of the same size."""


class FileParts:
    """The bytes of an open file, read in a thread part by part: a slow disk holds up nobody else.

    The next part is read when the client has taken the last. Django calls `close` when the response ends, also when
    nobody read it: a HEAD, or a browser that left.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while part := await asyncio.to_thread(self._content.read, PART_BYTES):
            yield part

    def close(self) -> None:
        """Close the file."""
        self._content.close()
