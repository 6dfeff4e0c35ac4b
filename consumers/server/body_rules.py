"""How large and how slow a request body may be, and how much all bodies of a process may hold together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from uploads.core.errors import Code, Refusal
from uploads.core.limits import MEGABYTE, Limits, RequestLimits

FORM_BYTES = MEGABYTE
"""Bytes allowed in a form besides its files."""
UNCOUNTED_BYTES = 16_384
"""Bytes of each body that do not count towards `max_pending_bytes`; a sign-in fits even when strangers fill that."""
THROTTLE_SLACK = 0.1
"""Seconds of delay that are waived, so that a single megabyte body is hardly delayed."""
CHUNK_PATH = r".*/draft/[0-9a-f-]{36}/[0-9a-f-]{36}/\d+/\d+/"
"""The path of a chunk sent in limited mode (`consumers.urls`), under any prefix."""


class Allowance(NamedTuple):
    """The largest body a signed-in user may send to a path, and the code of the refusal of a larger one."""

    bytes: int
    code: Code


class BodyRules:
    """The body limits of a site, by route."""

    def __init__(self, limits: Limits, requests: RequestLimits, routes: Mapping[str, str | int]) -> None:
        self._requests = requests
        self.user_bytes = limits.max_draft_bytes + FORM_BYTES
        """Total bytes of all large bodies that one user may be sending to a process at once."""
        named = {
            "file": Allowance(limits.max_file_bytes + FORM_BYTES, Code.TOO_LARGE),
            "draft": Allowance(self.user_bytes, Code.DRAFT_FULL),
        }
        chunk = Allowance(limits.window_chunks * limits.chunk_bytes, Code.TOO_MUCH_DATA)
        self._routes = [
            *((re.compile(path), _allowance(named, limit)) for path, limit in routes.items()),
            (re.compile(CHUNK_PATH), chunk),
        ]

    def signed_in(self, path: str) -> Allowance:
        """Return what a signed-in user may send to `path`."""
        for pattern, allowance in self._routes:
            if pattern.fullmatch(path):
                return allowance
        return Allowance(self._requests.max_body_bytes, Code.BODY_TOO_LARGE)

    def anybody(self, path: str) -> int:
        """Return how many bytes an anonymous client may send to `path`."""
        return min(self._requests.max_body_bytes, self.signed_in(path).bytes)

    def seconds_left(self, received: int, waited: float) -> float:
        """Return how many more seconds to wait for a client that sent `received` bytes in `waited` seconds of waiting.

        The deadline moves with the bytes received: a slow line is served, but a trickle of single bytes times out.
        """
        return self._requests.body_seconds + received / self._requests.body_bytes_per_second - waited


def _allowance(named: Mapping[str, Allowance], limit: str | int) -> Allowance:
    return named[limit] if isinstance(limit, str) else Allowance(limit, Code.BODY_TOO_LARGE)


class ReadThrottle:
    """Limits the rate at which bytes of all senders together are read; each waits its turn behind the others.

    Reading is what makes a flood of large bodies expensive: with hundreds of them in each iteration of the event loop,
    a page that needs ten iterations waits a second.
    """

    def __init__(self, bytes_per_second: int) -> None:
        self._bytes_per_second = bytes_per_second
        self._free_at = 0.0

    def delay(self, size: int, now: float) -> float:
        """Count `size` bytes read at `now`, and return how many seconds to wait before reading more from their sender.

        A sender of nothing that counts does not wait for the others.
        """
        if not size:
            return 0.0
        self._free_at = max(self._free_at, now) + size / self._bytes_per_second
        return max(0.0, self._free_at - now - THROTTLE_SLACK)


class BodiesUnderWay:
    """Counts the bytes held by all bodies that a process has not answered yet."""

    def __init__(self, requests: RequestLimits, user_bytes: int) -> None:
        self._requests = requests
        self._user_bytes = user_bytes
        self.pending = 0
        """Bytes of unidentified clients, beyond `UNCOUNTED_BYTES` each."""
        self._bodies: Counter[object] = Counter()
        self._bytes: Counter[object] = Counter()

    def has_room(self, more: int) -> bool:
        """Count `more` bytes of an unidentified client; False, counting nothing, if that exceeds the limit."""
        if self.pending + more > self._requests.max_pending_bytes:
            return False
        self.pending += more
        return True

    def give_back(self, counted: int) -> None:
        """Release `counted` bytes of an unidentified client whose request ended or who has been identified."""
        self.pending -= counted

    def begin(self, user: object) -> None:
        """Count a large body of `user`. Raises `Refusal` (``too_fast``) beyond the limit."""
        if self._bodies[user] >= self._requests.max_user_bodies:
            raise Refusal(Code.TOO_FAST)
        self._bodies[user] += 1

    def add(self, user: object, more: int) -> None:
        """Count `more` bytes of a large body of `user`. Raises `Refusal` (``too_fast``) beyond the limit."""
        if self._bytes[user] + more > self._user_bytes:
            raise Refusal(Code.TOO_FAST)
        self._bytes[user] += more

    def end(self, user: object, counted: int) -> None:
        """Release a large body of `user`, of which `counted` bytes were counted."""
        self._bodies[user] -= 1
        self._bytes[user] -= counted
        if not self._bodies[user]:
            del self._bodies[user], self._bytes[user]
