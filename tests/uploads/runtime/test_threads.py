from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.db import connection

from uploads.runtime.threads import Threads


@pytest.fixture
def two() -> Iterator[Threads]:
    threads = Threads("test", 2)
    yield threads
    threads.stop()


async def test_work_is_called_with_its_arguments_in_a_thread_of_the_set(two: Threads):
    def work(number: int, *, twice: bool) -> tuple[int, str]:
        return number * (2 if twice else 1), threading.current_thread().name

    number, name = await two.run(work, 21, twice=True)

    assert number == 42
    assert name.startswith("test")


async def test_a_failure_reaches_the_caller_and_the_thread_goes_on(two: Threads):
    with pytest.raises(ZeroDivisionError):
        await two.run(divmod, 1, 0)
    assert await two.run(divmod, 7, 2) == (3, 1)


async def test_as_much_runs_at_once_as_there_are_threads(two: Threads):
    """Both wait for each other; a single thread would wait forever."""
    meeting = threading.Barrier(2, timeout=10)
    assert sorted(await asyncio.gather(two.run(meeting.wait), two.run(meeting.wait))) == [0, 1]


async def test_more_work_than_threads_waits_its_turn(two: Threads):
    running, most, lock = 0, 0, threading.Lock()

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        with lock:
            running -= 1
        return number

    assert await asyncio.gather(*[two.run(work, number) for number in range(50)]) == list(range(50))
    assert most <= 2


@pytest.mark.django_db(transaction=True)
async def test_work_leaves_no_database_connection_behind(two: Threads):
    def count() -> int:
        return User.objects.count()

    def connected() -> bool:
        return connection.connection is not None

    await asyncio.gather(*[two.run(count) for _ in range(4)])

    assert not any(await asyncio.gather(*[two.run(connected) for _ in range(4)]))


async def test_work_that_waits_is_dropped_when_the_set_stops():
    one, held, release = Threads("test", 1), threading.Event(), threading.Event()

    def hold() -> str:
        held.set()
        release.wait(10)
        return "ended by itself"

    first, second = asyncio.ensure_future(one.run(hold)), asyncio.ensure_future(one.run(int))
    await asyncio.to_thread(held.wait)
    one.stop()
    release.set()

    assert await first == "ended by itself"
    with pytest.raises(asyncio.CancelledError):
        await second
