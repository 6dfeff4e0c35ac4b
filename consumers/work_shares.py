"""Limits the CPU time of each user's requests in this process: a burst, then a share of a core.

No other limit covers requests that are cheap to send and expensive to answer: 48 connections that requested a large
draft delayed everybody else's pages by 2 s (measured).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WORK_BURST = 1.0
"""CPU seconds: about a dozen pages with all their images."""
WORK_SHARE = 0.4
"""CPU seconds per second after that."""
EXPECTED_SECONDS = 0.1
"""CPU seconds reserved for a request until its real cost is known."""
MAX_DELAY = 10.0
"""Seconds. What a user owes beyond it is forgiven: expensive pages delay the next one, and lock nobody out."""
KEYS_REMEMBERED = 10_000


class WorkShares:
    """See the module. Keys are users; the least recently active is evicted first. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def reserve(self, user_key: str) -> float:
        """Reserve `EXPECTED_SECONDS` for a request of the user; return after how many seconds it may begin."""
        with self._lock:
            left = self._now_left(user_key)
            self._put(user_key, left - EXPECTED_SECONDS)
            # The later a request comes, the longer it waits: they begin in their order.
            return max(0.0, -left / WORK_SHARE)

    def end(self, user_key: str, seconds: float) -> None:
        """Replace a reservation by the CPU `seconds` that the request really took."""
        with self._lock:
            self._put(user_key, self._now_left(user_key) + EXPECTED_SECONDS - seconds)

    @contextmanager
    def counted(self, user_key: str) -> Iterator[None]:
        """Count the CPU time of the block, which runs in this thread, after `reserve`."""
        began = time.thread_time()
        try:
            yield
        finally:
            self.end(user_key, time.thread_time() - began)

    def _now_left(self, user_key: str) -> float:
        now = self._clock()
        left, at = self._left.get(user_key, (WORK_BURST, now))
        return min(WORK_BURST, left + (now - at) * WORK_SHARE)

    def _put(self, user_key: str, left: float) -> None:
        self._left[user_key] = (max(left, -MAX_DELAY * WORK_SHARE), self._clock())
        self._left.move_to_end(user_key)
        if len(self._left) > KEYS_REMEMBERED:
            self._left.popitem(last=False)


work_shares = WorkShares()
"""Those of this process."""
