from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from consumers import session_lookups
from consumers.session_lookups import SessionLookups
from tests.support.servers.daphne_channel import settle
from uploads.core.errors import Code, Refusal


class Site:
    """Records the batches; a session is live if its key says so. The test ends each lookup and each pause."""

    def __init__(self) -> None:
        self.batches: list[set[str]] = []
        self.found = asyncio.Event()
        self.paused = asyncio.Event()
        self.lookups = SessionLookups(self._live, self._pause)

    async def _live(self, keys: Collection[str]) -> Collection[str]:
        self.batches.append(set(keys))
        await self.found.wait()
        return {key for key in keys if key.startswith("live")}

    async def _pause(self, _seconds: float) -> None:
        await self.paused.wait()
        self.paused.clear()

    def check(self, key: str) -> asyncio.Task[None]:
        return asyncio.create_task(self.lookups.check(key))


def code_of(task: asyncio.Task[None]) -> Code | None:
    error = task.exception()
    return error.code if isinstance(error, Refusal) else None


async def test_sessions_that_connect_meanwhile_are_looked_up_together_after_a_pause():
    site = Site()
    first = site.check("live 1")
    await settle()
    others = [site.check(key) for key in ("live 2", "made up", "live 3")]
    await settle()
    assert site.batches == [{"live 1"}]

    site.found.set()
    await settle()
    assert (first.done(), site.batches) == (True, [{"live 1"}])

    site.paused.set()
    await settle()
    assert site.batches[1:] == [{"live 2", "made up", "live 3"}]
    assert [code_of(task) for task in (first, *others)] == [None, None, Code.SIGNED_OUT, None]


async def test_one_after_a_quiet_time_is_looked_up_at_once():
    site = Site()
    site.found.set()
    for key in ("live 1", "live 2"):
        task = site.check(key)
        await settle()
        assert task.done()
        site.paused.set()
        await settle()


async def test_the_tabs_of_a_session_share_a_place_and_none_takes_it_along():
    site = Site()
    gone, *others = [site.check("live 1") for _ in range(20)]
    await settle()
    gone.cancel()
    await settle()
    site.found.set()
    await asyncio.gather(*others)

    assert gone.cancelled()
    assert site.batches == [{"live 1"}]


async def test_a_batch_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(session_lookups, "SESSIONS_AT_A_TIME", 2)
    site = Site()
    site.found.set()
    tasks = [site.check(f"live {number}") for number in range(3)]
    await settle()
    site.paused.set()
    await asyncio.gather(*tasks)

    assert site.batches == [{"live 0", "live 1"}, {"live 2"}]
