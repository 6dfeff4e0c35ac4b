"""Randomly changed WebSocket frames, text and binary, sent to the real consumer; each must get a response.

Whatever arrives, the socket continues or closes with a code of the protocol, and the consumer never fails.
"""

from __future__ import annotations

import asyncio
import time
from random import Random

from consumers.protocol.framing import CHUNK_HEADER
from tests.fuzz import json_texts
from tests.fuzz.report import Report
from tests.fuzz.tab import SIZES, Tab
from tests.fuzz.world import Watch, watched, world
from tests.support.corpus.mutations import mutated
from uploads.core.limits import Limits

CASES_OF_A_DRAFT = 200
"""Then a new draft, because this one fills with the files added."""
LIMIT = Limits().chunk_bytes
HANDLES = (0, 1, 1, 1, 1, 2, 2, 2, 3, 2**31, 2**32 - 1)
OFFSETS = (0, 0, 0, 0, 1, 9, 10, SIZES[0], SIZES[0] - 1, 2**31, 2**53, 2**63, 2**64 - 1)
LENGTHS = (0, 1, 1, 9, 10, 11, 13, 1_000, LIMIT - 1, LIMIT, LIMIT + 1)


def fuzz(seed: int, count: int) -> Report:
    """Send `count` frames, one after the other, to successive drafts."""
    report = Report()
    with world() as here, watched() as log:
        asyncio.run(_run(Tab(here), log, report, seed, count))
    return report


async def _run(tab: Tab, log: Watch, report: Report, seed: int, count: int) -> None:
    async with tab:
        for number in range(seed, seed + count):
            if (number - seed) % CASES_OF_A_DRAFT == 0:
                await tab.fresh()
            case, began = f"frames --seed {number} --count 1", time.monotonic()
            answer, problems = await tab.answer(frame(number))
            report.note(answer, time.monotonic() - began, case)
            report.findings += [f"{case}: {problem}" for problem in [*problems, *log.take()]]


def frame(seed: int) -> str | bytes:
    """Return the payload of the frame made from a seed: text or bytes."""
    random = Random(seed)  # noqa: S311 - no secret
    return json_texts.text(random) if random.random() < 0.5 else _chunk(random)


def _chunk(random: Random) -> bytes:
    payload = random.randbytes(8) * (random.choice(LENGTHS) // 8 + 1)
    chunk = CHUNK_HEADER.pack(random.choice(HANDLES), random.choice(OFFSETS)) + payload[: random.choice(LENGTHS)]
    if random.random() < 0.2:
        return chunk[: random.randrange(CHUNK_HEADER.size + 2)]
    return mutated(random, chunk) if random.random() < 0.2 else chunk
