"""The faults of a stage on which a crowd works. Each function injects its fault `count` times and returns how often."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import Awaitable, Callable, Iterable
from itertools import cycle, islice

from tests.soak.journal import FAULT
from tests.soak.stage import Stage
from tests.support.servers.faulty_server import POINTS
from tests.support.servers.postgres import ABRUPT
from tests.support.servers.server import Server, wait_for

Fault = Callable[[Stage, int], Awaitable[int]]

LEASE_SECONDS = 15
SLACK_SECONDS = 60
REACHED_WITHIN = 120
BREATH = 0.5
"""Seconds between two faults, so that clients can reconnect."""


async def kills(stage: Stage, count: int) -> int:
    """Kill with SIGKILL at each named point in turn; the process restarts after a moment."""
    for point in islice(cycle(POINTS), count):
        await kill_at(stage, point)
    return count


async def kill_at(stage: Stage, point: str) -> None:
    """Wait until a server has killed itself at `point`, then restart it."""
    stage.arm(point)
    stage.journal.note(FAULT, f"SIGKILL is due at {point}")
    await asyncio.to_thread(wait_for, lambda: not stage.is_armed(point), REACHED_WITHIN, f"{point} is reached")
    await asyncio.to_thread(wait_for, stage.dead, what="the server that reached it is dead")
    for server in stage.dead():
        stage.journal.note(FAULT, f"SIGKILL at {point}: {server.url}")
        assert server.status == -signal.SIGKILL, f"a server ended by itself with {server.status}: {server.lines[-10:]}"
        await asyncio.to_thread(server.start)


async def pause(stage: Stage, server: Server, seconds: float) -> None:
    """Send SIGSTOP, and SIGCONT after this time."""
    stage.journal.note(FAULT, f"SIGSTOP for {seconds:.1f} s: {server.url}")
    os.kill(server.pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        os.kill(server.pid, signal.SIGCONT)


async def pauses(stage: Stage, count: int) -> int:
    """Pause all servers but the last for the lease and a second, two at once; every tenth for N + B + 5 s."""
    first, second = stage.servers[:2]
    long = stage.grace_lost + SLACK_SECONDS + 5
    done = 0
    while done < count:
        if count - done >= 10:
            others = [pause(stage, second, LEASE_SECONDS + 1) for _ in range(4)]
            await asyncio.gather(pause(stage, first, long), _in_turn(others))
            done += 5
            first, second = second, first
        else:
            pair = (first, second)[: count - done]
            await asyncio.gather(*(pause(stage, server, LEASE_SECONDS + 1) for server in pair))
            done += len(pair)
        await asyncio.sleep(2)
    return done


async def _in_turn(faults: Iterable[Awaitable[None]]) -> None:
    for fault in faults:
        await fault
        await asyncio.sleep(1)


async def rolling_restarts(stage: Stage, count: int) -> int:
    """Send SIGTERM to one server after the other, as a deploy does; each is back before the next one stops."""
    for server in islice(cycle(stage.servers), count):
        stage.journal.note(FAULT, f"SIGTERM: {server.url}")
        status = await asyncio.to_thread(server.terminate)
        assert status == 0, f"a server ended with {status}"
        await asyncio.to_thread(server.start)
        await asyncio.sleep(BREATH)
    return count


async def redis_restarts(stage: Stage, count: int) -> int:
    """Kill Redis; it restarts empty after up to 2 s."""
    for number in range(count):
        stage.journal.note(FAULT, f"Redis killed, back after {number % 3} s")
        stage.redis.kill()
        await asyncio.sleep(number % 3)
        await asyncio.to_thread(stage.redis.start)
        await asyncio.sleep(3)
    return count


async def postgresql_restarts(stage: Stage, count: int) -> int:
    """Stop PostgreSQL with `immediate`, like a crash; it recovers from its log after up to 2 s."""
    for number in range(count):
        stage.journal.note(FAULT, f"PostgreSQL stopped, back after {number % 3} s")
        await asyncio.to_thread(stage.postgresql.stop, ABRUPT)
        await asyncio.sleep(number % 3)
        await asyncio.to_thread(stage.postgresql.start)
        await asyncio.sleep(3)
    return count


def outages(times_n: int) -> Fault:
    """Take all servers down for `times_n` times N, by SIGKILL and SIGTERM in turn."""

    async def outage(stage: Stage, count: int) -> int:
        for number in range(count):
            end = Server.kill if number % 2 else Server.terminate
            stage.journal.note(FAULT, f"all servers down for {times_n * stage.grace_lost} s: {end.__name__}")
            await asyncio.gather(*(asyncio.to_thread(end, server) for server in stage.servers))
            await asyncio.sleep(times_n * stage.grace_lost)
            await asyncio.gather(*(asyncio.to_thread(server.start) for server in stage.servers))
            await asyncio.sleep(3)
        return count

    return outage


def chaos(seconds: float, chance: random.Random) -> Fault:
    """Inject random faults for this time; the first server is spared, to be measured."""

    async def run(stage: Stage, _: int) -> int:
        done, until = 0, asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < until:
            await _any_fault(stage, chance)
            done += 1
            await asyncio.sleep(chance.uniform(0.5, 5))
        return done

    return run


async def _any_fault(stage: Stage, chance: random.Random) -> None:
    server = chance.choice(stage.servers[1:])
    match chance.choice(["kill", "kill", "pause", "terminate", "redis", "postgresql"]):
        case "kill":
            stage.journal.note(FAULT, f"SIGKILL: {server.url}")
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(chance.uniform(0, 5))
            await asyncio.to_thread(server.start)
        case "pause":
            await pause(stage, server, chance.uniform(0.5, LEASE_SECONDS + 3))
        case "terminate":
            stage.journal.note(FAULT, f"SIGTERM: {server.url}")
            await asyncio.to_thread(server.terminate)
            await asyncio.sleep(chance.uniform(0, 3))
            await asyncio.to_thread(server.start)
        case "redis":
            await redis_restarts(stage, 1)
        case "postgresql":
            await postgresql_restarts(stage, 1)
