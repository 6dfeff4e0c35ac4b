"""Bounded threads for work that waits: the database in one set, the store in another.

Channels runs every consumer's ORM call on one shared thread; a slow query of one socket then holds
up all others (measured: an echo took 2.9 s). These threads are used instead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


class Threads:
    """A bounded set of threads whose work may use the database."""

    def __init__(self, name: str, size: int) -> None:
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=name)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `function` in one of the threads and return its result."""
        call = partial(_with_fresh_connections, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def stop(self) -> None:
        """Drop what waits and let what runs end by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _with_fresh_connections(call: Callable[[], R]) -> R:
    """Connections the database dropped meanwhile (a restart) are replaced, not reused."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


database = Threads("uploads-db", 8)
beat = Threads("uploads-beat", 1)
"""The heartbeat's own: commands that wait for a locked row must not stop it."""
store_work = Threads("uploads-store", 4)
STORE_SLOTS = 4
