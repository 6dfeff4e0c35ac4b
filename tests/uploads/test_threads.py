"""The bounded threads."""

from __future__ import annotations

import asyncio
import threading

import pytest

from uploads.threads import Threads


async def test_a_result_and_an_error_come_back():
    threads = Threads("test", 1)

    assert await threads.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        await threads.run(divmod, 1, 0)
    threads.stop()


async def test_no_more_run_at_once_than_there_are_threads():
    threads, running, most = Threads("test", 2), 0, 0
    lock, both = threading.Lock(), threading.Barrier(2, timeout=10)

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1

    await asyncio.gather(*(threads.run(work) for _ in range(6)))
    threads.stop()

    assert most == 2
