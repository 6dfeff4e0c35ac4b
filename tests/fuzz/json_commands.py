"""Commands as JSON, wrong in every way, through both doors for JSON: a socket, and a request in limited mode.

Both refuse an invalid message with the same code; nothing duplicate, nested or too long gets in.
"""

from __future__ import annotations

import asyncio
import json
import time
from random import Random
from typing import Any
from uuid import UUID

from consumers.protocol import messages
from tests.fuzz import json_texts
from tests.fuzz.frames import CASES_OF_A_DRAFT
from tests.fuzz.report import Report
from tests.fuzz.tab import CODES, Tab
from tests.fuzz.world import Watch, World, watched, world
from uploads.core.errors import CATALOGUE, Code, Refusal
from uploads.runtime.threads import database

TAB = UUID(int=100)


def fuzz(seed: int, count: int) -> Report:
    """Send `count` texts, each through both doors."""
    report = Report()
    with world() as here, watched() as log:
        asyncio.run(_run(here, log, report, seed, count))
    return report


async def _run(here: World, log: Watch, report: Report, seed: int, count: int) -> None:
    async with Tab(here) as tab:
        for number in range(seed, seed + count):
            if (number - seed) % CASES_OF_A_DRAFT == 0:
                await tab.fresh()
            case, began = f"json --seed {number} --count 1", time.monotonic()
            sent = json_texts.text(Random(number))  # noqa: S311 - no secret
            by_socket, problems = await tab.answer(sent)
            by_request, more = await database.run(_by_request, here, sent)
            report.note(by_socket, time.monotonic() - began, case)
            problems += [*more, *_disagreement(sent, by_socket, by_request), *log.take()]
            report.findings += [f"{case}: {problem}" for problem in problems]


def _by_request(here: World, sent: str) -> tuple[str, list[str]]:
    """Return the response of limited mode, and what is wrong with it."""
    address = f"/uploads/draft/{here.draft_id}/?tab={TAB}"
    response = here.client.post(address, sent.encode(errors="surrogateescape"), content_type="application/json")
    answers: list[Any] = json.loads(response.content)["messages"]
    first = answers[0].get("code", answers[0]["type"])
    if answers[0]["type"] != "error":
        return first, []
    right = first in CODES and first != Code.SERVER_ERROR and response.status_code == CATALOGUE[Code(first)].status
    return first, [] if right else [f"a request got {response.status_code}: {answers[0]}"]


def _disagreement(sent: str, by_socket: str, by_request: str) -> list[str]:
    """Return what is wrong if an invalid message gets in somewhere."""
    if is_message(sent):
        return []
    is_refused = by_socket == by_request == Code.BAD_MESSAGE
    return [] if is_refused else [f"{by_socket} by socket, {by_request} by request"]


def is_message(sent: str) -> bool:
    """Whether a text is a message of the protocol, by an independent check."""
    if len(sent) > messages.MAX_TEXT_FRAME or _has_twice(sent):
        return False
    try:
        messages.decode(sent)
    except Refusal:
        return False
    return True


def _has_twice(sent: str) -> bool:
    """Whether any object has a duplicate field."""
    is_twice: list[bool] = []

    def look(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        is_twice.append(len({*names}) < len(names))
        return {}

    try:
        json.loads(sent, object_pairs_hook=look)
    except (ValueError, RecursionError):
        return False
    return any(is_twice)
