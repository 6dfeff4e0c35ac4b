"""Failing networks between the clients and the site: seven kinds, then healed, and how soon all clients recover."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from tests.soak.checker import check
from tests.soak.client import Client
from tests.soak.crowd import Crowd
from tests.soak.history import End
from tests.soak.journal import FAULT
from tests.soak.phase import Row, rest, story
from tests.soak.stage import Stage
from tests.soak.watch import Watch
from tests.support.servers.proxy import Proxy

FAULT_SECONDS = 3.0
BACK_WITHIN = 5.0
BEGUN_WITHIN = 180.0
FILES = 5
Fault = Callable[[Proxy], Awaitable[None]]


def lasting(**settings: object) -> Fault:
    """Apply a setting of the proxy for a while; open connections are affected."""

    async def run(proxy: Proxy) -> None:
        for name, value in settings.items():
            setattr(proxy, name, value)
        await asyncio.sleep(FAULT_SECONDS)

    return run


async def resets(proxy: Proxy) -> None:
    """Reset every connection, five times."""
    for _ in range(5):
        await asyncio.to_thread(proxy.reset)
        await asyncio.sleep(FAULT_SECONDS / 5)


async def slow_closes(proxy: Proxy) -> None:
    """Connections end towards the server only long after the client closed them."""
    proxy.slow_close = FAULT_SECONDS
    await resets(proxy)


NETWORK_FAULTS: dict[str, Fault] = {
    "latency 300 ms": lasting(latency=0.3),
    "bandwidth 64 kB/s": lasting(bytes_per_second=64_000),
    "slices of 1 to 7 bytes": lasting(slice_bytes=7),
    "cut after 300 kB": lasting(limit_bytes=300_000),
    "resets": resets,
    "half-open": lasting(swallowing=True),
    "slow close": slow_closes,
}


async def network_phase(stage: Stage, names: Sequence[str], clients: int, seed: int) -> Row:
    """For each fault in `names`, let `clients` upload through such a network, heal it, and wait for them to finish."""
    began = time.monotonic()
    with Watch(stage.database_url, stage.site.var) as watch:
        crowd = Crowd(stage, watch, random.Random(seed))  # noqa: S311 - reproducible, no secret
        await crowd.sign_in()
        backs = await asyncio.gather(*(_behind(crowd, name, stage.servers[0].port, clients) for name in names))
        restless = await asyncio.to_thread(rest, stage, crowd.left)
        findings = check(crowd.histories, await asyncio.to_thread(stage.facts), watch.gone_ms, stage.grace_ms)
    findings.wrong += [f"never came to rest: {row}" for row in restless]
    back = max(backs)
    if back > BACK_WITHIN:
        findings.wrong.append(f"the last client was back {back:.1f} s after the network healed")
    title = f"network: {names[0] if len(names) == 1 else 'each fault'}"
    note = f"all back after {back:.1f} s"
    return Row(title, clients * len(names), findings, time.monotonic() - began, note, story(crowd, findings))


async def _behind(crowd: Crowd, name: str, port: int, clients: int) -> float:
    """Put some clients behind a network with the fault `name`; return how long the last one took to recover."""
    with Proxy(port) as proxy:
        many = [crowd.client(lambda: [proxy.url]) for _ in range(clients)]
        # Behind half-open connections a draft stays open until the server's pings fail, so wait for whole batches only.
        ends = [End.COMMIT, End.LEAVE, End.VANISH, End.DISCARD]
        lives = [asyncio.create_task(client.live(FILES, ends[n % 4])) for n, client in enumerate(many)]
        await _all_begun(many)
        crowd.journal.note(FAULT, f"at {proxy.url}: {name}")
        await NETWORK_FAULTS[name](proxy)
        proxy.mend()
        crowd.journal.note(FAULT, f"at {proxy.url}: healed")
        back = await _all_back(many)
        await asyncio.gather(*lives, return_exceptions=True)
    return back


async def _all_begun(clients: list[Client]) -> None:
    """Wait until the fault will hit everybody in the middle of their work."""
    until = time.monotonic() + BEGUN_WITHIN
    while not all(client.done or any(file.stored for file in client.history.files) for client in clients):
        assert time.monotonic() < until, "the clients do not begin"
        await asyncio.sleep(0.02)


async def _all_back(clients: list[Client]) -> float:
    """Return the seconds until every client has heard from the site again, or has finished."""
    healed = time.monotonic()
    while not all(client.done or client.heard_at > healed for client in clients):
        if time.monotonic() > healed + 6 * BACK_WITHIN:
            break
        await asyncio.sleep(0.02)
    return time.monotonic() - healed
