"""How large and how slow a request body may be, and what all bodies of a process may hold together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from uploads.core.errors import Code, Refusal
from uploads.core.limits import MEGABYTE, Limits, RequestLimits

FORM_BYTES = MEGABYTE
"""What a form may have around its files."""
UNCOUNTED_BYTES = 16_384
"""What every body may have while strangers fill `max_pending_bytes`: a sign-in is smaller."""
PACE_SLACK = 0.1
"""Seconds: who comes alone with a megabyte hardly waits."""
CHUNK_PATH = r".*/draft/[0-9a-f-]{36}/[0-9a-f-]{36}/\d+/\d+/"
"""The chunks of a tab without a socket (`consumers.urls`), under whatever prefix."""


class Allowance(NamedTuple):
    """The largest body that a signed-in user may send to a path, and what a larger one is refused with."""

    bytes: int
    code: Code


class BodyRules:
    """The limits of a site, route by route."""

    def __init__(self, limits: Limits, requests: RequestLimits, routes: Mapping[str, str | int]) -> None:
        self._requests = requests
        self.user_bytes = limits.max_draft_bytes + FORM_BYTES
        """Of all large bodies that one user sends to a process at a time."""
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
        """What a signed-in user may send to `path`."""
        for pattern, allowance in self._routes:
            if pattern.fullmatch(path):
                return allowance
        return Allowance(self._requests.max_body_bytes, Code.BODY_TOO_LARGE)

    def anybody(self, path: str) -> int:
        """How many bytes anybody may send to `path`."""
        return min(self._requests.max_body_bytes, self.signed_in(path).bytes)

    def seconds_left(self, received: int, waited: float) -> float:
        """How much longer to wait for a client that has sent `received` bytes in `waited` seconds of waiting.

        A deadline that moves with the bytes: a slow line is served, and one byte now and then holds nothing.
        """
        return self._requests.body_seconds + received / self._requests.body_bytes_per_second - waited


def _allowance(named: Mapping[str, Allowance], limit: str | int) -> Allowance:
    return named[limit] if isinstance(limit, str) else Allowance(limit, Code.BODY_TOO_LARGE)


class Pace:
    """How fast bytes of many senders are taken together: each waits for its turn behind the others.

    Reading is what a flood of large bodies costs: with hundreds of them in each round of the event loop, a page that
    needs ten rounds waits a second.
    """

    def __init__(self, bytes_per_second: int) -> None:
        self._bytes_per_second = bytes_per_second
        self._free_at = 0.0

    def seconds(self, size: int, now: float) -> float:
        """Count `size` bytes taken at `now`, and return how long their sender has to wait before it sends more.

        Who has sent nothing that counts does not wait for those who have.
        """
        if not size:
            return 0.0
        self._free_at = max(self._free_at, now) + size / self._bytes_per_second
        return max(0.0, self._free_at - now - PACE_SLACK)


class BodiesUnderWay:
    """What the bodies that a process has not answered yet hold together."""

    def __init__(self, requests: RequestLimits, user_bytes: int) -> None:
        self._requests = requests
        self._user_bytes = user_bytes
        self.pending = 0
        """Bytes of those who are not known, beyond `UNCOUNTED_BYTES` each."""
        self._bodies: Counter[object] = Counter()
        self._bytes: Counter[object] = Counter()

    def has_room(self, more: int) -> bool:
        """Count `more` bytes of an unknown client unless they are too many."""
        if self.pending + more > self._requests.max_pending_bytes:
            return False
        self.pending += more
        return True

    def give_back(self, counted: int) -> None:
        """Forget `counted` bytes of an unknown client: its request is over, or it is known now."""
        self.pending -= counted

    def begin(self, user: object) -> None:
        """Count a large body of `user`. Raises `Refusal` (``too_fast``)."""
        if self._bodies[user] >= self._requests.max_user_bodies:
            raise Refusal(Code.TOO_FAST)
        self._bodies[user] += 1

    def add(self, user: object, more: int) -> None:
        """Count `more` bytes of a large body of `user`. Raises `Refusal` (``too_fast``)."""
        if self._bytes[user] + more > self._user_bytes:
            raise Refusal(Code.TOO_FAST)
        self._bytes[user] += more

    def end(self, user: object, counted: int) -> None:
        """Forget a large body of `user`, of which `counted` bytes were counted."""
        self._bodies[user] -= 1
        self._bytes[user] -= counted
        if not self._bodies[user]:
            del self._bodies[user], self._bytes[user]
