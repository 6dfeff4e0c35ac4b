"""How much a client may send: bytes, commands, connections, malformed messages and progress. Plain values only.

Times are in seconds of any monotonic clock.
"""

from __future__ import annotations

import hashlib
from collections import Counter, OrderedDict
from typing import NamedTuple
from uuid import UUID

from consumers.protocol.framing import CHUNK_HEADER
from uploads.core.errors import Code
from uploads.core.limits import Limits

BAD_MESSAGES_IN_A_ROW = 10
KEYS_REMEMBERED = 10_000
PROGRESS_INTERVAL = 0.2
"""Minimum seconds between two `progress` messages about one file to the other tabs."""
FILES_REMEMBERED = 1_000


class Credit:
    """How much may wait for the consumer: a burst of messages, and the bytes of two windows, one for a resuming client.

    Daphne reads without limit (a client that ignores acks grew the server by 495 MB, one that sends empty messages by
    533 MB: measured), so the connection counts for itself.
    """

    def __init__(self, limits: Limits) -> None:
        self._allowed = 2 * limits.window_chunks * (limits.chunk_bytes + CHUNK_HEADER.size)
        self._bytes = self._messages = 0

    def take(self, size: int) -> Code | None:
        """Count an incoming message of `size` bytes; return why to close the connection if that is too much."""
        self._bytes += size
        self._messages += 1
        if self._bytes > self._allowed:
            return Code.TOO_MUCH_DATA
        return Code.TOO_FAST if self._messages > COMMANDS.burst else None

    def give_back(self, size: int) -> None:
        """Count a message of `size` bytes as handled."""
        self._bytes -= size
        self._messages -= 1


class ErrorBudget:
    """How many bad messages in a row are answered before the connection is closed."""

    def __init__(self) -> None:
        self._spent = 0

    def reset(self) -> None:
        """Restore the whole budget: a message was understood."""
        self._spent = 0

    def spend(self) -> bool:
        """Count a bad message; True when it used up the budget."""
        self._spent += 1
        return self._spent >= BAD_MESSAGES_IN_A_ROW


class Rate(NamedTuple):
    """The size of a token bucket and how fast it refills."""

    burst: int
    per_second: float


FRAMES = Rate(1200, 80.0)
"""Small frames of one connection, of any kind; more are read more slowly. Higher than `COMMANDS`, whose refusal gives a
reason."""
CONTROL_FRAMES = Rate(20, 2.0)
"""Pings and pongs of one connection. Browsers only answer our pings, one every 20 s."""
COMMANDS = Rate(600, 40.0)
"""Commands of a session. Dropping 200 files sends 200 `add` and 200 `finish`, besides what the user does meanwhile."""
OPENINGS = Rate(5, 15.0)
"""Sockets of a session that open their draft; more wait their turn. 40 at once take 3 s, which a browser tolerates and
which leaves capacity to others."""
SYNCS = Rate(20, 2.0)
"""Snapshots requested by the tabs of a session; each reads the whole draft. Requests beyond it are delayed, not
refused."""
TYPING = Rate(40, 10.0)
"""Saves of typed text by the tabs of a session. Those beyond it are delayed, not refused: a page sends only the
newest."""
ADDS = Rate(1_000, 0.5)
"""Files added by a user: the row of each is kept for a month, even if the file is removed at once."""
CONNECTS = Rate(400, 4.0)
"""Connections of a session. The burst covers more than a minute of 20 tabs that lose their connection as fast as they
reconnect. After that the rate admits 20 tabs within 5 s, the longest a browser waits between two attempts."""


class TokenBucket:
    """Allows a burst, then a steady rate."""

    def __init__(self, now: float, rate: Rate) -> None:
        self._rate = rate
        self._tokens = float(rate.burst)
        self._filled_at = now

    def take(self, now: float) -> bool:
        """Take a token; False if there is none at `now`."""
        self._tokens = min(self._rate.burst, self._tokens + (now - self._filled_at) * self._rate.per_second)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def _digest(session_key: str) -> bytes:
    """Shorten the key of a cookie, which is unchecked here and may be as long as a header."""
    return hashlib.sha256(session_key.encode()).digest()


class KeyedLimiter:
    """A token bucket per key (a session or a user); the least recently used is evicted first."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._buckets: OrderedDict[bytes, TokenBucket] = OrderedDict()

    def take(self, key: str, now: float) -> bool:
        """Take a token of `key`; False if there is none at `now`."""
        # Pop and reinsert: this cannot fail, whatever the threads of other requests do meanwhile.
        digest = _digest(key)
        bucket = self._buckets[digest] = self._buckets.pop(digest, TokenBucket(now, self._rate))
        if len(self._buckets) > KEYS_REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket.take(now)


class OpenSockets:
    """Counts the open sockets of each session."""

    def __init__(self) -> None:
        self._open: Counter[bytes] = Counter()

    def enter(self, session_key: str, limit: int) -> bool:
        """Count one more socket of the session; False, counting nothing, if it already has `limit`."""
        digest = _digest(session_key)
        if self._open[digest] >= limit:
            return False
        self._open[digest] += 1
        return True

    def leave(self, session_key: str) -> None:
        """Stop counting a socket that has ended."""
        digest = _digest(session_key)
        self._open[digest] -= 1
        if not self._open[digest]:
            del self._open[digest]


class ProgressThrottle:
    """Limits `progress` messages to the other tabs to five a second per file."""

    def __init__(self) -> None:
        self._sent: dict[UUID, float] = {}

    def due(self, file: UUID, now: float) -> bool:
        """Whether to send the other tabs the progress of `file` at `now`; True counts as sent."""
        if now - self._sent.get(file, -1.0) < PROGRESS_INTERVAL:
            return False
        if len(self._sent) >= FILES_REMEMBERED:
            # Abandoned transfers are never forgotten one by one. Entries that are due anyway can be dropped.
            self._sent = {one: at for one, at in list(self._sent.items()) if now - at < PROGRESS_INTERVAL}
        self._sent[file] = now
        return True

    def forget(self, file: UUID) -> None:
        """Drop the entry of a file whose transfer is over."""
        self._sent.pop(file, None)
