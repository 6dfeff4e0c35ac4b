"""The rules of one connection, decided with plain values: credit, patience with bad messages, pace, close codes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from consumers.protocol.messages import CHUNK_HEADER, CloseCode
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits

BAD_MESSAGES_IN_A_ROW = 10
SESSIONS_REMEMBERED = 10_000
PROGRESS_INTERVAL = 0.2
"""Seconds between two `progress` of one file to the other tabs."""
FILES_REMEMBERED = 1_000

CLOSE_CODES: dict[Code, CloseCode] = {
    Code.BAD_MESSAGE: CloseCode.BAD_PROTOCOL,
    Code.SIGNED_OUT: CloseCode.SIGNED_OUT,
    Code.NOT_ALLOWED: CloseCode.NOT_ALLOWED,
    Code.DRAFT_NOT_FOUND: CloseCode.NOT_FOUND,
    Code.DRAFT_ENDED: CloseCode.ENDED,
    Code.DRAFT_EXPIRED: CloseCode.EXPIRED,
    Code.LEASE_LOST: CloseCode.LEASE_LOST,
    Code.RESTARTING: CloseCode.RESTARTING,
    Code.TOO_MUCH_DATA: CloseCode.TOO_MUCH_DATA,
    Code.TOO_FAST: CloseCode.TOO_FAST,
}
"""The refusals that end a connection, and the code it is closed with."""


class Chunk(Struct, frozen=True):
    """A binary frame, taken apart."""

    handle: int
    offset: int
    payload: memoryview


def parse_chunk(frame: bytes, limits: Limits) -> Chunk:
    """The chunk in a binary frame. Raises `Refusal` (``bad_message``) when it is too short or too long."""
    size = len(frame) - CHUNK_HEADER.size
    if not 0 < size <= limits.chunk_bytes:
        raise Refusal(Code.BAD_MESSAGE, f"A chunk has 1 to {limits.chunk_bytes} bytes. Got: {max(size, 0)}.")
    handle, offset = CHUNK_HEADER.unpack_from(frame)
    return Chunk(handle, offset, memoryview(frame)[CHUNK_HEADER.size :])


class Credit:
    """How many bytes may wait for the consumer: one window, and one more for a client that resumes.

    Daphne reads without limit (a client that ignores acks grew the server by 495 MB: measured), so
    the connection keeps the books itself.
    """

    def __init__(self, limits: Limits) -> None:
        self._allowed = 2 * limits.window_chunks * (limits.chunk_bytes + CHUNK_HEADER.size)
        self._waiting = 0

    def take(self, size: int) -> bool:
        """Count `size` bytes that arrived; False when the client sent more than it may."""
        self._waiting += size
        return self._waiting <= self._allowed

    def give_back(self, size: int) -> None:
        """Count `size` bytes as handled."""
        self._waiting -= size


class Patience:
    """Bad messages in a row are answered, up to a point; one good message restores the patience."""

    def __init__(self) -> None:
        self._bad = 0

    def good(self) -> None:
        """A message was understood."""
        self._bad = 0

    def bad(self) -> bool:
        """A message was not understood; True when that was one too many."""
        self._bad += 1
        return self._bad >= BAD_MESSAGES_IN_A_ROW


class Rate(NamedTuple):
    """So many at once, and then so many a second."""

    at_once: int
    per_second: float


COMMANDS = Rate(600, 40.0)
"""A drop of 200 files is 200 `add`, 200 `finish` and what the user does meanwhile."""
CONNECTS = Rate(400, 4.0)
"""At once: more than a minute of 20 tabs that all lose their connection again and again, as fast as they come back.
Then 20 tabs are all let in within 5 s, the longest that a browser waits between two attempts."""


class Pace:
    """A token bucket that keeps to a rate. Times are seconds of any steady clock."""

    def __init__(self, now: float, rate: Rate) -> None:
        self._rate = rate
        self._tokens = float(rate.at_once)
        self._at = now

    def take(self, now: float) -> bool:
        """Whether one more may be had at `now`."""
        self._tokens = min(self._rate.at_once, self._tokens + (now - self._at) * self._rate.per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Paces:
    """A `Pace` for each session; the one that was quiet longest is forgotten first."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._paces: OrderedDict[bytes, Pace] = OrderedDict()

    def take(self, session_key: str, now: float) -> bool:
        """Whether the session may ask once more at `now` (seconds of any steady clock)."""
        # A digest: a cookie that nobody has looked at yet may be as long as a header. Out and in again, which cannot
        # fail whatever other requests' threads do meanwhile.
        known_by = hashlib.sha256(session_key.encode()).digest()
        pace = self._paces[known_by] = self._paces.pop(known_by, Pace(now, self._rate))
        if len(self._paces) > SESSIONS_REMEMBERED:
            self._paces.popitem(last=False)
        return pace.take(now)


class ProgressPace:
    """Which `progress` to send on: at most five a second for each file."""

    def __init__(self) -> None:
        self._sent: dict[UUID, float] = {}

    def due(self, file: UUID, now: float) -> bool:
        """Whether the other tabs should hear of `file` at `now` (seconds of any steady clock)."""
        if now - self._sent.get(file, -1.0) < PROGRESS_INTERVAL:
            return False
        if len(self._sent) >= FILES_REMEMBERED:
            # Of transfers that were given up, nobody says so here. What is due anyway need not be known.
            self._sent = {one: at for one, at in list(self._sent.items()) if now - at < PROGRESS_INTERVAL}
        self._sent[file] = now
        return True

    def forget(self, file: UUID) -> None:
        """The file's transfer is over."""
        self._sent.pop(file, None)
