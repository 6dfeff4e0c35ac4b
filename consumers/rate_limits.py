"""How much a client may send, decided with plain values: bytes, commands, connections, nonsense and progress.

Times are seconds of any steady clock.
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
"""Seconds between two `progress` of one file to the other tabs."""
FILES_REMEMBERED = 1_000


class Credit:
    """How much may wait for the consumer: the bytes of one window and one more for a client that resumes, and a burst
    of messages.

    Daphne reads without limit (a client that ignores acks grew the server by 495 MB, one that sends empty messages by
    533 MB: measured), so the connection keeps the books itself.
    """

    def __init__(self, limits: Limits) -> None:
        self._allowed = 2 * limits.window_chunks * (limits.chunk_bytes + CHUNK_HEADER.size)
        self._bytes = self._messages = 0

    def take(self, size: int) -> Code | None:
        """Count a message of `size` bytes that arrived; why to end the connection when the client sent too much."""
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
"""Small frames of one connection, of whatever kind: more are read more slowly. Above `COMMANDS`, whose refusal says
why."""
CONTROL_FRAMES = Rate(20, 2.0)
"""Pings and pongs of one connection. Browsers send none but the answers to ours, one every 20 s."""
COMMANDS = Rate(600, 40.0)
"""Messages of a user. A drop of 200 files is 200 `add`, 200 `finish` and what the user does meanwhile."""
OPENINGS = Rate(5, 15.0)
"""Sockets of a session that open their draft; more wait for their turn. 40 at once take 3 s, which a browser waits for,
and leave something of the server to others."""
SYNCS = Rate(20, 2.0)
"""Snapshots that the tabs of a user ask for: each reads the whole draft. One beyond it is late, not refused."""
TYPING = Rate(40, 10.0)
"""Writes of what is typed in the tabs of a user. One beyond it is late, not refused: the window sends the newest."""
CONNECTS = Rate(400, 4.0)
"""The burst: more than a minute of 20 tabs that all lose their connection again and again, as fast as they come back.
Then 20 tabs are all let in within 5 s, the longest that a browser waits between two attempts."""


class OpenSockets:
    """How many sockets each session has open."""

    def __init__(self) -> None:
        self._open: Counter[bytes] = Counter()

    def enter(self, session_key: str, limit: int) -> bool:
        """Count one more socket of the session; False, and nothing is counted, when it has `limit` already."""
        digest = digest_of(session_key)
        if self._open[digest] >= limit:
            return False
        self._open[digest] += 1
        return True

    def leave(self, session_key: str) -> None:
        """One that entered ended."""
        digest = digest_of(session_key)
        self._open[digest] -= 1
        if not self._open[digest]:
            del self._open[digest]


def check_connect(session_key: str, *, in_time: bool, has_room: bool) -> None:
    """Check a connect before the database is asked whose session it is. Raises `Refusal`.

    Whether it is `in_time` for the pace of its session, and whether that `has_room` for one more socket.
    """
    if not session_key:
        raise Refusal(Code.SIGNED_OUT)
    if not in_time:
        # Each connect writes rows: that of its socket is kept for a day, that of the gap for 90.
        raise Refusal(Code.TOO_FAST, "Too many connections in a short time. Try again in a second.")
    if not has_room:
        raise Refusal(Code.TOO_FAST, "You have too many tabs open. Close some of them.")


class ProgressThrottle:
    """Limits the `progress` messages to the other tabs to five a second for each file."""

    def __init__(self) -> None:
        self._sent: dict[UUID, float] = {}

    def due(self, file: UUID, now: float) -> bool:
        """Whether to tell the other tabs about `file` at `now`; a True counts as told."""
        if now - self._sent.get(file, -1.0) < PROGRESS_INTERVAL:
            return False
        if len(self._sent) >= FILES_REMEMBERED:
            # Transfers that were given up are never forgotten one by one. What is due anyway need not be remembered.
            self._sent = {one: at for one, at in list(self._sent.items()) if now - at < PROGRESS_INTERVAL}
        self._sent[file] = now
        return True

    def forget(self, file: UUID) -> None:
        """The file's transfer is over."""
        self._sent.pop(file, None)
