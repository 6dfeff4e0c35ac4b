"""Clean closes of a tab: the files are gone between N and N + 2 s, never before."""

from __future__ import annotations

import asyncio
import random
import time

from tests.soak.checker import check
from tests.soak.client import Client
from tests.soak.crowd import Crowd
from tests.soak.history import End
from tests.soak.phase import Row, rest
from tests.soak.stage import Stage
from tests.soak.watch import Watch

AT_ONCE = 20
AFTER_N = 2.0


async def clean_closes(stage: Stage, count: int, seed: int) -> Row:
    """`count` tabs are closed, twenty at about the same time."""
    began = time.monotonic()
    with Watch(stage.database_url, stage.site.var) as watch:
        crowd = Crowd(stage, watch, random.Random(seed))  # noqa: S311 - reproducible, no secret
        await crowd.sign_in()
        clients: list[Client] = []
        while len(clients) < count:
            batch = [crowd.client() for _ in range(min(AT_ONCE, count - len(clients)))]
            await asyncio.gather(*(client.live(1, End.LEAVE) for client in batch), return_exceptions=True)
            await asyncio.to_thread(rest, stage, crowd.left)
            clients += batch
        findings = check(crowd.histories, await asyncio.to_thread(stage.facts), watch.gone_ms, stage.grace_ms)
    service, wall = [], []
    for client in clients:
        gone_ms, gone_at = watch.gone[client.history.files[0].id]
        service.append((gone_ms - client.history.left_ms) / 1000 - stage.grace)
        wall.append(gone_at - client.heard_at - stage.grace)
    findings.late += [f"gone {after:.2f} s after N" for after in (*service, *wall) if after > AFTER_N]
    findings.early += [f"gone {-after:.3f} s before N" for after in (*service, *wall) if after < 0]
    note = f"gone {min(service):.2f} to {max(service):.2f} s of S and {min(wall):.2f} to {max(wall):.2f} s after N"
    return Row("clean close", count, findings, time.monotonic() - began, note)
