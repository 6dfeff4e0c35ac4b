"""No request body is read further than the largest file that may be sent.

Twisted spools a body to disk before Daphne, Django or a session is asked: without this, a stranger
could fill the disk. Other servers need a proxy with such a limit in front (``docs/settings.md``).
"""

from __future__ import annotations

from daphne import http_protocol

from uploads.conf import upload_settings

FORM_BYTES = 1_000_000
"""What a form may have around its file."""

ANSWER = (
    b'{"success": false, "error": {"code": "too_large", '
    b'"message": "The file is too large. Use a smaller copy.", "retryable": false}}'
)
HEAD = (
    b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n" % len(ANSWER)
)


class LimitedRequest(http_protocol.WebRequest):  # type: ignore[misc]  # Daphne is published without types
    """A request that is answered with 413 and dropped as soon as its body is too large, whatever length it named."""

    too_large = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """The headers are in: refuse a length that is named and too large."""
        super().gotLength(length)
        self._check(length or 0)

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """A part of the body is in: keep it while all parts together are not too large."""
        self._check(self.content.tell() + len(data))
        if not self.too_large:
            super().handleContentChunk(data)

    def _check(self, size: int) -> None:
        limit = upload_settings().limits.max_file_bytes + FORM_BYTES
        if size > limit and not self.too_large:
            self.too_large = True
            self.channel.transport.write(HEAD + ANSWER)
            self.channel.loseConnection()


def install() -> None:
    """Make Daphne use it: its channel looks the class up by this name for each connection."""
    http_protocol.WebRequest = LimitedRequest
