"""How much a client may send: bytes, commands, connections, malformed messages and progress. Plain values only.

Times are in seconds of any monotonic clock.
"""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from consumers.protocol.framing import CHUNK_HEADER
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits
from uploads.core.token_bucket import Rate, digest_of

BAD_MESSAGES_IN_A_ROW = 10
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


FRAMES = Rate(1200, 80.0)
"""Small frames of one connection, of any kind; more are read more slowly. Higher than `COMMANDS`, whose refusal gives a
reason."""
CONTROL_FRAMES = Rate(20, 2.0)
"""Pings and pongs of one connection. Browsers only answer our pings, one every 20 s."""
COMMANDS = Rate(600, 40.0)
"""Messages of a user. Dropping 200 files sends 200 `add` and 200 `finish`, besides what the user does meanwhile."""
OPENINGS = Rate(5, 15.0)
"""Sockets of a session that open their draft; more wait their turn. 40 at once take 3 s, which a browser tolerates and
which leaves capacity to others."""
SYNCS = Rate(20, 2.0)
"""Snapshots requested by the tabs of a user; each reads the whole draft. Requests beyond it are delayed, not
refused."""
TYPING = Rate(40, 10.0)
"""Saves of typed text by the tabs of a user. Those beyond it are delayed, not refused: a page sends only the
newest."""
CONNECTS = Rate(400, 4.0)
"""Connections of a session. The burst covers more than a minute of 20 tabs that lose their connection as fast as they
reconnect. After that the rate admits 20 tabs within 5 s, the longest a browser waits between two attempts."""


class OpenSockets:
    """Counts the open sockets of each session."""

    def __init__(self) -> None:
        self._open: Counter[bytes] = Counter()

    def enter(self, session_key: str, limit: int) -> bool:
        """Count one more socket of the session; False, counting nothing, if it already has `limit`."""
        digest = digest_of(session_key)
        if self._open[digest] >= limit:
            return False
        self._open[digest] += 1
        return True

    def leave(self, session_key: str) -> None:
        """Stop counting a socket that has ended."""
        digest = digest_of(session_key)
        self._open[digest] -= 1
        if not self._open[digest]:
            del self._open[digest]


def check_connect(session_key: str, *, in_time: bool, has_room: bool) -> None:
    """Raise the refusals of a connect that need no database query.

    `in_time`: whether its session's rate limit allows it; `has_room`: whether the session may open one more socket.
    """
    if not session_key:
        raise Refusal(Code.SIGNED_OUT)
    if not in_time:
        # Each connect writes rows: the socket's is kept for a day, the disconnection's for 90.
        raise Refusal(Code.TOO_FAST, "Too many connections in a short time. Try again in a second.")
    if not has_room:
        raise Refusal(Code.TOO_FAST, "You have too many tabs open. Close some of them.")


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
