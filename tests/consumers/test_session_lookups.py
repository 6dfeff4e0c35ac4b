from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from consumers import session_lookups
from consumers.session_lookups import SessionLookups
from tests.support.servers.daphne_channel import settle
from uploads.core.errors import Code, Refusal
from uploads.core.token_bucket import digest_of


class Lookup:
    """Looks a session up in its turn, until the test says what was found."""

    def __init__(self, lookups: SessionLookups, key: str) -> None:
        self.is_asking = False
        self.found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.task = asyncio.create_task(self._ask(lookups, key))

    async def _ask(self, lookups: SessionLookups, key: str) -> None:
        with suppress(Refusal):
            async with lookups.of(key):
                self.is_asking = True
                if not await self.found:
                    raise Refusal(Code.SIGNED_OUT)

    async def ends(self, *, found: bool) -> None:
        self.found.set_result(found)
        await settle()


async def test_sessions_that_are_not_known_are_looked_up_two_at_a_time_and_known_ones_wait_for_nobody():
    lookups = SessionLookups()
    first = Lookup(lookups, "known")
    await settle()
    await first.ends(found=True)
    unknown = [Lookup(lookups, f"unknown{number}") for number in range(3)]
    known = Lookup(lookups, "known")
    await settle()

    assert [one.is_asking for one in unknown] == [True, True, False]
    assert known.is_asking

    await unknown[0].ends(found=True)

    assert unknown[2].is_asking
    for one in (*unknown[1:], known):
        await one.ends(found=True)


async def test_one_that_does_not_exist_keeps_its_turn_for_a_while():
    over = asyncio.Event()

    async def pause(seconds: float) -> None:
        await over.wait()

    lookups = SessionLookups(pause)
    made_up = [Lookup(lookups, f"made up {number}") for number in range(3)]
    await settle()
    await made_up[0].ends(found=False)
    assert [one.is_asking for one in made_up] == [True, True, False]
    over.set()
    await settle()

    assert made_up[2].is_asking
    for one in made_up[1:]:
        await one.ends(found=False)


async def test_one_that_ended_is_known_no_more():
    lookups = SessionLookups()
    for found in (True, False):
        lookup = Lookup(lookups, "mine")
        await settle()
        await lookup.ends(found=found)
        await lookup.task

    assert lookups._known == {}


async def test_the_sessions_that_are_known_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session_lookups, "MOST_KNOWN", 2)
    lookups = SessionLookups()
    for key in ("one", "two", "one", "three"):
        lookup = Lookup(lookups, key)
        await settle()
        await lookup.ends(found=True)

    assert [lookups._known.get(digest_of(key)) is not None for key in ("one", "two", "three")] == [*(True, False, True)]
