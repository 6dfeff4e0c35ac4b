from __future__ import annotations

import asyncio

from consumers.turns import Turns
from tests.support.servers.daphne_channel import settle


class Worker:
    """Works in a turn of a key until the test ends the work."""

    def __init__(self, turns: Turns, key: str) -> None:
        self.at_work = False
        self.done = asyncio.Event()
        self.task = asyncio.create_task(self._work(turns, key))

    async def _work(self, turns: Turns, key: str) -> None:
        async with turns.of(key):
            self.at_work = True
            await self.done.wait()


async def test_a_user_works_at_two_things_and_the_others_do_not_wait_for_it():
    turns = Turns(at_a_time=2)
    mine = [Worker(turns, "mine") for _ in range(4)]
    other = Worker(turns, "other")
    await settle()

    assert [one.at_work for one in mine] == [True, True, False, False]
    assert other.at_work

    mine[0].done.set()
    await settle()

    assert [one.at_work for one in mine] == [True, True, True, False]
    for one in (*mine, other):
        one.done.set()
    await asyncio.gather(*(one.task for one in (*mine, other)))


async def test_who_gives_up_waiting_leaves_nothing_behind():
    turns = Turns(at_a_time=1)
    first, second = Worker(turns, "mine"), Worker(turns, "mine")
    await settle()
    second.task.cancel()
    first.done.set()
    await asyncio.gather(first.task, second.task, return_exceptions=True)

    assert (turns._turns, +turns._waiting) == ({}, {})
