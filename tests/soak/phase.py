"""One kind of fault while a crowd works, and the verdict once everything has come to rest."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tests.soak.checker import Findings, check
from tests.soak.crowd import Crowd
from tests.soak.faults import Fault
from tests.soak.journal import named_in
from tests.soak.stage import Stage
from tests.soak.watch import Watch
from tests.support.servers.server import wait_for

REST_SECONDS = 100


@dataclass
class Row:
    """A line of the table."""

    fault: str
    times: int
    findings: Findings
    seconds: float
    note: str = ""
    story: Sequence[str] = ()
    """Return what the clients named in a violation heard, and the faults around it."""

    @property
    def holds(self) -> bool:
        return not self.findings.all_wrong


async def phase(
    stage: Stage, name: str, fault: Fault, count: int, *, seed: int, busy: int = 12, staying: int = 4
) -> Row:
    """Let a crowd work, inject `fault` `count` times, let everything come to rest, and check."""
    began = time.monotonic()
    with Watch(stage.database_url, stage.site.var) as watch:
        crowd = Crowd(stage, watch, random.Random(seed))  # noqa: S311 - reproducible, no secret
        await crowd.sign_in()
        crowd.start(busy, staying)
        await asyncio.sleep(1)
        times = await fault(stage, count)
        await crowd.finish()
        restless = await asyncio.to_thread(rest, stage, crowd.left)
        findings = check(crowd.histories, await asyncio.to_thread(stage.facts), watch.gone_ms, stage.grace_ms)
        for server in stage.dead():
            findings.wrong.append(f"a server ended by itself with {server.status}: {server.lines[-10:]}")
            await asyncio.to_thread(server.start)
        await crowd.dismiss()
    findings.wrong += [f"never came to rest: {row}" for row in restless]
    return Row(name, times, findings, time.monotonic() - began, story=story(crowd, findings))


def story(crowd: Crowd, findings: Findings) -> list[str]:
    """Print the clients named in a violation; nothing if there is none."""
    if not findings.all_wrong:
        return []
    return crowd.journal.about({history.client for history in named_in(findings.all_wrong, crowd.histories)})


def rest(stage: Stage, left: Collection[str]) -> list[tuple[object, ...]]:
    """Wait until nothing is pending any more; return what still is after a long time."""
    with suppress(AssertionError):
        wait_for(lambda: not stage.unsettled(left), REST_SECONDS)
    return stage.unsettled(left)
