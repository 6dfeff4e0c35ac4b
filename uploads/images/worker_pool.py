"""Child processes that decode images: one that dies or hangs costs one image and never the server.

This module imports no Django: the children import it.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from queue import Empty, Queue
from typing import TypeVar

from uploads.core.errors import Code

Made = TypeVar("Made")

WORKERS = 2
DEADLINE_SECONDS = 30
MAX_CHILD_BYTES = 3 << 30


class WorkerPool:
    """`WORKERS` child processes, each in a pool of its own, so that one that dies takes no other image with it."""

    def __init__(self) -> None:
        self._idle: Queue[ProcessPoolExecutor | None] = Queue()
        self._alone = threading.Lock()
        for _ in range(WORKERS):
            self._idle.put(None)

    def run(self, work: Callable[..., Made], *given: object) -> Made | Code:
        """Return what the next free child makes of one image by `work`; a code if it dies of the image or is late."""
        pool = self._idle.get()
        try:
            # A child may have died since its last image: only one that dies of this image too counts.
            for _ in range(2):
                pool = pool or _start()
                try:
                    return pool.submit(work, *given).result(timeout=DEADLINE_SECONDS)
                except BrokenProcessPool:
                    _end(pool)
                    pool = None
        except TimeoutError:
            # The machine may just be slow: the bytes are kept, and the user may try again.
            _end(pool)
            pool = None
            return Code.SERVER_ERROR
        finally:
            self._idle.put(pool)
        return Code.IMAGE_UNREADABLE

    def run_alone(self, work: Callable[..., Made], *given: object) -> Made | Code:
        """Do what `run` does, but never beside other work that takes much memory."""
        with self._alone:
            return self.run(work, *given)

    def stop(self) -> None:
        """End the idle children; a busy one ends with its image. May be called twice."""
        for _ in range(WORKERS):
            try:
                pool = self._idle.get_nowait()
            except Empty:
                return
            _end(pool)
            self._idle.put(None)


_pool = WorkerPool()


def worker_pool() -> WorkerPool:
    """Return this process's pool; its children start with the first image."""
    return _pool


def _start() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare_child)


def _end(pool: ProcessPoolExecutor | None) -> None:
    """Kill the child of `pool`, busy or not."""
    if pool is None:
        return
    for child in list((pool._processes or {}).values()):
        child.kill()
    pool.shutdown(wait=False, cancel_futures=True)


def _prepare_child() -> None:
    """Bound a child's memory, and end it with its parent: a killed server leaves no process behind."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_CHILD_BYTES, MAX_CHILD_BYTES))
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
