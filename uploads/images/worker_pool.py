"""Child processes that decode images: one that dies or hangs costs one image and never the server.

Users take turns, so that nobody's images wait for all those of another. This module imports no Django, because the
children import it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from uploads.core.errors import Code, Refusal
from uploads.core.limits import ImageLimits
from uploads.images.child_process import Child, ChildDied
from uploads.images.fair_queue import FairQueue

Made = TypeVar("Made")

WORKERS = 3
WORKERS_PER_OWNER = 2
"""One fewer, so that the first image of another user never waits for them."""
MAX_WAITING = 64
"""Per owner; each holds a thread of the server."""


class _QueuedWork:
    """Waiting work of an owner, until it `has_begun`."""

    def __init__(self, owner: Hashable, *, alone: bool) -> None:
        self.owner, self.alone = owner, alone
        self.has_begun = False


class WorkerPool:
    """At most `WORKERS` busy children: `WORKERS_PER_OWNER` per owner, and one for work that takes much memory."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: FairQueue[_QueuedWork] = FairQueue()
        self._begun: list[_QueuedWork] = []
        self._idle: list[Child] = []

    def run(
        self,
        work: Callable[..., Made],
        *given: object,
        read: Callable[[], bytes] | None = None,
        owner: Hashable = None,
        limits: ImageLimits = ImageLimits(),  # noqa: B008 - frozen
        alone: bool = False,
    ) -> Made | Code:
        """Return the result of `work` for one image, run in a child; a code if the child dies or exceeds its `limits`.

        Waits for the turn of `owner`, and with `alone` until no other work that takes much memory is running. Raises
        `Refusal` (``too_fast``) if too much of the owner's work is already waiting. The bytes that `read` returns are
        the first argument of `work`; it is called in the turn, so that waiting work holds none.
        """
        with self._turn(owner, alone=alone):
            if read is not None:
                given = (read(), *given)
            # A child may have died since its last image, so only one that dies of this image too counts.
            for _ in range(2):
                child = self._take()
                try:
                    made: Made | Code = child.run(work, given, limits)
                except ChildDied:
                    continue
                self._give_back(child)
                return made
        return Code.IMAGE_UNREADABLE

    def stop(self) -> None:
        """Stop the idle children; busy ones stop after their image. Idempotent."""
        with self._changed:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    @contextmanager
    def _turn(self, owner: Hashable, *, alone: bool) -> Iterator[None]:
        turn = _QueuedWork(owner, alone=alone)
        with self._changed:
            if self._waiting.count(owner) >= MAX_WAITING:
                raise Refusal(Code.TOO_FAST)
            self._waiting.push(owner, turn)
            self._begin_next()
            self._changed.wait_for(lambda: turn.has_begun)
        try:
            yield
        finally:
            with self._changed:
                self._begun.remove(turn)
                self._begin_next()

    def _begin_next(self) -> None:
        while len(self._begun) < WORKERS and (turn := self._waiting.pop(self._is_possible)) is not None:
            turn.has_begun = True
            self._begun.append(turn)
        self._changed.notify_all()

    def _is_possible(self, owner: Hashable, turn: _QueuedWork) -> bool:
        if turn.alone and any(begun.alone for begun in self._begun):
            return False
        return Counter(begun.owner for begun in self._begun)[owner] < WORKERS_PER_OWNER

    def _take(self) -> Child:
        with self._changed:
            child = self._idle.pop() if self._idle else None
        if child is not None and not child.is_alive:
            child.end()
            child = None
        return child or Child()

    def _give_back(self, child: Child) -> None:
        if child.is_alive:
            with self._changed:
                self._idle.append(child)


_pool = WorkerPool()


def worker_pool() -> WorkerPool:
    """Return this process's pool; its children start with the first image."""
    return _pool
