"""Clean closes of a tab: the files are deleted between N and N + 2 s, never before."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

from tests.soak.checker import check
from tests.soak.client import Client
from tests.soak.crowd import Crowd
from tests.soak.history import End
from tests.soak.phase import Row, rest, story
from tests.soak.stage import Stage
from tests.soak.watch import Watch

AT_ONCE = 20
AFTER_N = 2.0
CLOCKS = ("S", "the wall")


async def clean_closes(stage: Stage, count: int, seed: int) -> Row:
    """Close `count` tabs, about twenty at the same time."""
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
    delays = {clock: [_after_n(client, watch, stage.grace, clock) for client in clients] for clock in CLOCKS}
    for clock, measured in delays.items():
        for client, after in zip(clients, measured, strict=True):
            which = f"draft {client.history.draft} of {client.history.client}: gone"
            if after is None:
                findings.wrong.append(f"{which} by nobody's clock: its bytes were never seen and missed")
            elif after > AFTER_N:
                findings.late.append(f"{which} {after:.2f} s of {clock} after N")
            elif after < 0:
                findings.early.append(f"{which} {-after:.3f} s of {clock} before N")
    ranges = [_extent(clock, measured) for clock, measured in delays.items()]
    note = f"gone {' and '.join(ranges)} after N; looks were at most {watch.longest_pause:.2f} s apart"
    return Row("clean close", count, findings, time.monotonic() - began, note, story(crowd, findings))


def _after_n(client: Client, watch: Watch, grace: int, clock: str) -> float | None:
    """Return how many seconds after N its bytes were deleted; None if that was never observed."""
    files = client.history.files
    if not files or files[0].id not in watch.gone:
        return None
    gone_ms, gone_at = watch.gone[files[0].id]
    return (gone_ms - client.history.left_ms) / 1000 - grace if clock == "S" else gone_at - client.heard_at - grace


def _extent(clock: str, measured: Sequence[float | None]) -> str:
    known = [after for after in measured if after is not None]
    return f"{min(known):.2f} to {max(known):.2f} s of {clock}" if known else f"never by {clock}"
