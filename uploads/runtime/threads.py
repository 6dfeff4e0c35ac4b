"""Bounded thread pools for blocking work, one for the database and one for the store.

Channels runs every consumer's ORM call on one shared thread, so a slow query of one socket holds up all others
(measured: an echo took 2.9 s).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
R = TypeVar("R")


class Threads:
    """A bounded thread pool whose work may use the database.

    With `own_connections` each thread keeps a connection of its own instead of sharing Django's connection pool.
    """

    def __init__(self, name: str, size: int, *, own_connections: bool = False) -> None:
        initializer = _leave_connection_pools if own_connections else None
        self.size = size
        self._pool = ThreadPoolExecutor(size, thread_name_prefix=name, initializer=initializer)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call `function` in one of the threads and return its result."""
        call = partial(_with_fresh_connections, partial(function, *args, **kwargs))
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def stop(self) -> None:
        """Cancel queued calls; running ones finish by themselves."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _leave_connection_pools() -> None:
    """Give this thread persistent connections outside any pool, health-checked before use."""
    for pooled in connections.all():
        if pooled.settings_dict["OPTIONS"].get("pool"):
            own = pooled.copy()
            del own.settings_dict["OPTIONS"]["pool"]
            # As long as a pool waits; without it the heartbeat would hang for minutes after a network outage.
            own.settings_dict["OPTIONS"].setdefault("connect_timeout", 10)
            own.settings_dict |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
            connections[pooled.alias] = own


def _with_fresh_connections(call: Callable[[], R]) -> R:
    """Replace connections that the database has dropped, for example in a restart, before and after `call`."""
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()


database = Threads("uploads-db", 8)
heartbeat = Threads("uploads-heartbeat", 1, own_connections=True)
"""The heartbeat's own thread: neither commands waiting for a lock nor requests holding all connections stop it."""
store_work = Threads("uploads-store", 4)
STORE_SLOTS = 4
