"""One child process that decodes images one after the other, within limits that it cannot exceed.

This module imports no Django, because the child imports it.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from uploads.core.errors import Code
from uploads.core.limits import ImageLimits

MAX_CHILD_BYTES = 3 << 30
NICENESS = 5
"""Pages and sockets have priority: decoding gets the CPU time they leave."""
END_SECONDS = 5.0


class ChildDied(Exception):
    """The child ended, by itself or from outside, while it worked."""


class Child:
    """A process in its own process group, so that whatever a decoder started ends with it."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether it can accept an image."""
        return self._process.is_alive()

    def run(self, work: Callable[..., Any], given: tuple[object, ...], limits: ImageLimits) -> Any:
        """Return the result of `work`, or a code if it failed or exceeded its limits (the child has then ended).

        Raises `ChildDied`.
        """
        try:
            self._pipe.send((work, given, limits))
            # The child ends itself in time; this is for one that cannot.
            if self._pipe.poll(limits.max_seconds + END_SECONDS):
                return self._pipe.recv()
            self.end()
            return Code.SERVER_ERROR
        except (EOFError, OSError):
            self._process.join(END_SECONDS)
        signalled = -(self._process.exitcode or 0)
        self.end()
        if signalled == signal.SIGXCPU:
            return Code.IMAGE_TOO_COMPLEX
        if signalled == signal.SIGALRM:
            # The machine may just be slow: the bytes are kept, and the user may retry.
            return Code.SERVER_ERROR
        raise ChildDied

    def end(self) -> None:
        """Kill the process and its group, busy or not."""
        if self._process.is_alive() and self._process.pid is not None:
            # It has no group of its own until it has started.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.kill()
            self._process.join(END_SECONDS)
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    """Run in the child: process one image after the other until the parent ends."""
    _prepare()
    while True:
        try:
            work, given, limits = pipe.recv()
        except EOFError:
            return
        _arm(limits)
        try:
            made = work(*given)
        except Exception:  # noqa: BLE001 - whatever a hostile image does, a lack of memory above all
            made = Code.IMAGE_UNREADABLE
        signal.setitimer(signal.ITIMER_REAL, 0)
        pipe.send(made)


def _prepare() -> None:
    """Limit the child permanently, and end it with its parent, so that a killed server leaves no process behind."""
    import resource

    os.setsid()
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_CHILD_BYTES, MAX_CHILD_BYTES))
    # Exceeding the CPU limit would otherwise dump an image of its memory to disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Pillow's warnings are about strangers' files, and would fill the server's log.
    warnings.simplefilter("ignore")
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=[parent], daemon=True).start()


def _arm(limits: ImageLimits) -> None:
    """Have the kernel end the child if this image takes too long, because decoders check no clock of ours."""
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    # It counts from the child's start, in whole seconds.
    until = math.ceil(time.process_time()) + limits.max_cpu_seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))
    signal.setitimer(signal.ITIMER_REAL, limits.max_seconds)


def _end_with(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
