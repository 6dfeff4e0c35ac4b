"""How much of the processor the requests of each user take in this process: a burst, and then a share.

Nothing else bounds what is cheap to ask and dear to answer: eight connections that ask for a large draft made a page of
everybody else wait for 0.7 s (measured).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

WORK_BURST = 1.0
"""Seconds of the processor: a dozen pages with all their images."""
WORK_SHARE = 0.4
"""Seconds of it in each second after that."""
EXPECTED_SECONDS = 0.1
"""What counts for work that has begun, until it is known what it took."""
KEYS_REMEMBERED = 10_000


class WorkShares:
    """See the module. Keys are users; the least recently active one is dropped first. Called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def begin(self, user_key: str) -> bool:
        """Begin work of the user; False when they have used up their share and have to wait."""
        with self._lock:
            left = self._now_left(user_key)
            if left > 0:
                self._put(user_key, left - EXPECTED_SECONDS)
            return left > 0

    def end(self, user_key: str, seconds: float) -> None:
        """Count `seconds` of the processor for work that has begun."""
        with self._lock:
            self._put(user_key, self._now_left(user_key) + EXPECTED_SECONDS - seconds)

    @contextmanager
    def counted(self, user_key: str) -> Iterator[None]:
        """Count what the block takes in this thread, after `begin`."""
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
        self._left[user_key] = (left, self._clock())
        self._left.move_to_end(user_key)
        if len(self._left) > KEYS_REMEMBERED:
            self._left.popitem(last=False)


work_shares = WorkShares()
"""Those of this process."""
