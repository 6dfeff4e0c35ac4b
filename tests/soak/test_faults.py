"""A fraction of the soak: each kind of fault about once, with the same clients and the same checker.

The whole soak: `python3 -m tests soak`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.soak import faults
from tests.soak.closes import clean_closes
from tests.soak.network import NETWORK_FAULTS, network_phase
from tests.soak.phase import Row, phase
from tests.soak.stage import Stage, set_up
from tests.support.servers.cluster import Template
from tests.support.servers.faulty_server import POINTS
from tests.support.servers.postgres import PostgreSQL
from tests.support.servers.redis_server import RedisServer

SEED = 1
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def stage(cluster_template: Template, postgresql: PostgreSQL, redis_server: RedisServer) -> Iterator[Stage]:
    """Three processes, N = 2 s after a clean end and 3 s after any other."""
    stage = set_up(cluster_template, postgresql, redis_server, 2, 3)
    stage.site.start(3)
    yield stage
    stage.site.kill()


@pytest.fixture(autouse=True)
async def many_threads() -> None:
    """Clients wait for HTTP responses in threads."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))


async def everything_once(stage: Stage, _: int) -> int:
    """One SIGKILL at each named point while another server is paused, then each other fault once."""
    await asyncio.gather(
        faults.pause(stage, stage.servers[2], faults.LEASE_SECONDS + 1), faults.kills(stage, len(POINTS))
    )
    await faults.rolling_restarts(stage, 1)
    await faults.redis_restarts(stage, 1)
    await faults.postgresql_restarts(stage, 1)
    await faults.outages(3)(stage, 1)
    return len(POINTS) + 5


async def test_no_fault_of_a_process_loses_or_leaves_anything(stage: Stage):
    assert_held(await phase(stage, "process faults", everything_once, 1, seed=SEED, busy=8, staying=2))


async def test_no_fault_of_a_network_loses_or_leaves_anything(stage: Stage):
    assert_held(await network_phase(stage, list(NETWORK_FAULTS), 1, SEED))


async def test_a_clean_close_costs_the_files_between_n_and_two_seconds_later(stage: Stage):
    assert_held(await clean_closes(stage, 10, SEED))


def assert_held(row: Row) -> None:
    """Print the counts for the log, and check the verdict."""
    found = row.findings
    print(
        f"\n{row.fault}: {row.times} times in {row.seconds:.0f} s, {found.drafts} drafts, {found.stored} files stored,"
        f" {found.commits} saves, {found.broken_sockets} broken sockets, {found.deletions} deletions, the slowest"
        f" {found.worst_ms / 1000:.1f} s of S beyond N. {row.note}"
    )
    assert not found.all_wrong, "\n".join([row.fault, *found.all_wrong, *row.story])
    assert found.stored > 0
