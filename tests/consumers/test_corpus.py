"""Every image of the corpus gets the same verdict through every door of a real server.

All images are sent over the socket; in the suite, one per verdict and format also goes through the other doors.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import pytest
import pytest_asyncio

from tests.support.corpus.case import Case
from tests.support.corpus.doors import CASES_OF, DOORS, FIRST_OF, LIMITS, Verdicts, environment, expected
from tests.support.run.counts import Counted
from tests.support.servers.server import Server

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


class Found(NamedTuple):
    """The results of the cases on one server."""

    cases: dict[str, list[Case]]
    """Verdicts by door."""
    by_door: dict[str, Verdicts]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=LIMITS)
async def found(request: pytest.FixtureRequest, shared_server: Callable[..., Server], counted: Counted) -> Found:
    """Collect the verdicts of a server with these limits, through all doors at once."""
    server, all_of = shared_server(**environment(request.param)), CASES_OF[request.param]
    some = all_of if counted(False, True) else FIRST_OF[request.param]
    cases = {door: all_of if door == "socket" else some for door in DOORS}
    verdicts = await asyncio.gather(*(door(server.url, cases[name]) for name, door in DOORS.items()))
    assert server.tracebacks() == []
    return Found(cases, dict(zip(DOORS, verdicts, strict=True)))


@pytest.mark.parametrize("door", DOORS)
async def test_an_image_gets_the_verdict_that_its_row_says(found: Found, door: str):
    cases, verdicts = found.cases[door], found.by_door[door]

    assert {case.id: verdicts.get(case.id) for case in cases if verdicts.get(case.id) not in expected(case)} == {}


async def test_it_is_the_same_through_every_door(found: Found):
    verdicts = {case.id: [found.by_door[door].get(case.id) for door in DOORS] for case in found.cases["form"]}

    assert {id_: each for id_, each in verdicts.items() if len({*each}) > 1} == {}


async def test_every_case_is_tried():
    assert sum(map(len, CASES_OF.values())) > 270
    assert sum(map(len, FIRST_OF.values())) > 40
    assert all(CASES_OF.values())
