"""The real server, which kills itself at a named point on request, and has no expiry circuit breaker.

    FAULTS=<folder> python -m tests.support.servers.faulty_server --port P

An empty file ``<folder>/<point>`` arms the point: the process that reaches it next removes the file and sends itself
SIGKILL. The product knows nothing of this; the functions at the points are wrapped here.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

POINTS = {
    "reserved": "after a file's row is written, before the answer",
    "mid-chunk": "half a chunk written to the spool",
    "unacked": "after the spool write, before the ack",
    "full-size": "all bytes there, before finish is written down",
    "before-put": "before the PUT",
    "put-in-flight": "part of the object written",
    "after-put": "after the PUT, before the row",
    "committed": "after the commit, before the answer",
    "before-promote": "before the object is promoted",
    "after-promote": "after the object is promoted, before the row",
    "expiring": "after EXPIRING, before the first delete",
    "destroyed": "after the delete, before DELETED",
    "claimed": "holding a claimed store job",
}

Call = Callable[..., Any]


class Faults:
    """The points of one process, armed by files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def reach(self, point: str) -> None:
        """Die here if the point is armed and no other process was first."""
        armed = self._folder / point
        if not armed.exists():
            return
        try:
            armed.rename(self._folder / f"{point}.{os.getpid()}")
        except FileNotFoundError:
            return
        os.kill(os.getpid(), signal.SIGKILL)

    def before(self, owner: Any, name: str, point: str, when: Call = lambda *_: True) -> None:
        """Reach `point` before each call of ``owner.name`` whose arguments satisfy `when`."""
        original = getattr(owner, name)

        @wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if when(*args):
                self.reach(point)
            return original(*args, **kwargs)

        setattr(owner, name, wrapped)

    def after(self, owner: Any, name: str, point: str, when: Call = lambda *_: True) -> None:
        """Reach `point` after each call of ``owner.name`` whose result and arguments satisfy `when`."""
        original = getattr(owner, name)

        @wraps(original)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            result = original(*args, **kwargs)
            if when(result, *args):
                self.reach(point)
            return result

        setattr(owner, name, wrapped)


def disable_the_expiry_breaker() -> None:
    """Disable the expiry circuit breaker, which a crowd that loses its sockets every few seconds would trip.

    It would hold every deletion for ten minutes. It has tests of its own.
    """
    from uploads.expiry import circuit_breaker_rules

    circuit_breaker_rules.MIN_LOST = circuit_breaker_rules.MIN_DUE = sys.maxsize


def install(faults: Faults) -> None:
    """Wrap the functions at the points. Raises if a function no longer exists."""
    from consumers import transfers
    from uploads import api, spool
    from uploads.expiry import sweeper
    from uploads.files import operations
    from uploads.jobs import queue
    from uploads.stores.django_storage import DjangoStorageStore as Store

    faults.after(operations, "add", "reserved")
    _halve_chunks(faults, spool.Writer)
    faults.after(spool.Writer, "write", "unacked")
    faults.before(transfers.Transfer, "verify", "full-size")
    faults.before(Store, "put", "before-put", when=_is_temp)
    _halve_puts(faults, Store)
    faults.after(Store, "put", "after-put", when=lambda _, *args: _is_temp(*args))
    faults.before(Store, "promote", "before-promote")
    faults.after(Store, "promote", "after-promote")
    faults.after(sweeper, "_expire", "expiring", when=lambda expired, *_: expired)
    faults.after(Store, "destroy", "destroyed")
    faults.after(queue, "acquire", "claimed", when=lambda job, *_: job is not None)
    _answer_late(faults, api)


def _is_temp(store: object, key: str, *_: object) -> bool:
    return "/temp_product_files/" in f"/{key}"


def _halve_chunks(faults: Faults, writer: Any) -> None:
    append = writer._append

    def halves(self: Any, payload: Any) -> None:
        half = len(payload) // 2
        append(self, payload[:half])
        faults.reach("mid-chunk")
        append(self, payload[half:])

    writer._append = halves


def _halve_puts(faults: Faults, store: Any) -> None:
    put = store.put

    class Halting:
        """An object's content that reaches the point once part of it has been read."""

        def __init__(self, content: Any) -> None:
            self._content = content
            self._reads = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(self._content, name)

        def read(self, *args: Any) -> Any:
            self._reads += 1
            if self._reads > 1:
                faults.reach("put-in-flight")
            return self._content.read(*args)

    def halting(self: Any, key: str, content: Any, content_type: str) -> Any:
        return put(self, key, Halting(content) if _is_temp(self, key) else content, content_type)

    store.put = halting


def _answer_late(faults: Faults, api: Any) -> None:
    committing = api.committing

    @contextmanager
    def answering_late(*args: Any) -> Iterator[Any]:
        with committing(*args) as commit:
            yield commit
        faults.reach("committed")

    api.committing = answering_late


if __name__ == "__main__":
    # Imported only here: the processes that decode images import this module too and must stay small.
    from consumers.server import daphne

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")
    import django

    django.setup()
    # Dumps all stacks if it hangs: kill -USR1.
    faulthandler.register(signal.SIGUSR1)
    disable_the_expiry_breaker()
    install(Faults(Path(os.environ["FAULTS"])))
    sys.exit(daphne.main())
