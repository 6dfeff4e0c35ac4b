"""Random faults for minutes under a large crowd; one server is spared and must not grow."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from pathlib import Path

from tests.soak import faults
from tests.soak.checker import check
from tests.soak.crowd import Crowd
from tests.soak.phase import Row, rest, story
from tests.soak.stage import Stage
from tests.soak.watch import Watch
from tests.support.servers.server import Server

WARM_UP_SECONDS = 30
MEGABYTE = 1_000_000
MAX_GROWTH_BYTES = 64 * MEGABYTE
MAX_MORE_FILES = 30
"""Allowance in open files, because the pools of database connections vary."""


@dataclass(frozen=True)
class Size:
    """The resources a server process holds at rest."""

    memory: int
    open_files: int


def size(server: Server) -> Size:
    """Measure the process now."""
    return Size(server.memory_bytes(), len(list(Path(f"/proc/{server.pid}/fd").iterdir())))


async def chaos_phase(stage: Stage, seconds: float, clients: int, seed: int) -> Row:
    """Run a warm-up without faults, then chaos; the first server is spared and measured at rest before and after."""
    began, chance = time.monotonic(), random.Random(seed)  # noqa: S311 - reproducible, no secret
    with Watch(stage.database_url, stage.site.var) as watch:
        crowd = Crowd(stage, watch, chance)
        await crowd.sign_in()
        crowd.start(clients, 0)
        await asyncio.sleep(WARM_UP_SECONDS)
        await crowd.finish()
        restless = await asyncio.to_thread(rest, stage, crowd.left)
        before = size(stage.servers[0])
        crowd.start(clients, 0)
        times = await faults.chaos(seconds, chance)(stage, 0)
        await crowd.finish()
        restless += await asyncio.to_thread(rest, stage, crowd.left)
        after = size(stage.servers[0])
        findings = check(crowd.histories, await asyncio.to_thread(stage.facts), watch.gone_ms, stage.grace_ms)
    findings.wrong += [f"never came to rest: {row}" for row in restless]
    grown, more = after.memory - before.memory, after.open_files - before.open_files
    if grown > MAX_GROWTH_BYTES:
        findings.wrong.append(f"a server grew by {grown / MEGABYTE:.0f} MB")
    if more > MAX_MORE_FILES:
        findings.wrong.append(f"a server holds {more} more open files")
    note = f"memory {before.memory / MEGABYTE:.0f} to {after.memory / MEGABYTE:.0f} MB, "
    note += f"open files {before.open_files} to {after.open_files}"
    return Row(
        f"chaos, {clients} clients, {seconds / 60:.0f} min",
        times,
        findings,
        time.monotonic() - began,
        note,
        story(crowd, findings),
    )
