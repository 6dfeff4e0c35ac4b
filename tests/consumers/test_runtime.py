"""The regular check of a process's connections: those without permission are closed, whatever the socket does."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User

from consumers.runtime import Runtime
from tests.consumers.test_dispatch import signed_in
from tests.support.draft_fixtures import driver, make_driver, may_add_products, other_user, service_clock, user
from tests.support.wire.draft_driver import Driver
from uploads.core.errors import Code, Refusal
from uploads.runtime.threads import database

__all__ = ["driver", "make_driver", "may_add_products", "other_user", "service_clock", "user"]

pytestmark = pytest.mark.django_db(transaction=True)


class Tab:
    """A connection that only records what it receives."""

    def __init__(self, session_key: str, draft_id: UUID) -> None:
        self.session_key, self.draft_id, self.revision = session_key, draft_id, 0
        self.socket_id: UUID | None = uuid4()
        self.permitted_at = 0.0
        self.refused: list[Code] = []

    async def draft_snapshot(self, event: dict[str, Any]) -> None:
        self.revision = event["revision"]

    async def draft_ended(self, event: dict[str, Any]) -> None:
        """No connection ends here."""

    async def refuse(self, refusal: Refusal) -> None:
        self.refused.append(refusal.code)


async def checked(*tabs: Tab) -> list[list[Code]]:
    """Return the code with which one check refuses each tab."""
    runtime = Runtime()
    for tab in tabs:
        runtime.connections.add(tab)
    await runtime._check_connections()
    return [tab.refused for tab in tabs]


async def test_a_passive_tab_whose_user_lost_the_right_ends(driver: Driver, may_add_products: None):
    key = await database.run(signed_in, driver.user)
    before = await checked(Tab(key, driver.id))
    await database.run(driver.user.user_permissions.clear)

    assert before == [[]]
    assert await checked(Tab(key, driver.id)) == [[Code.NOT_ALLOWED]]


async def test_a_passive_tab_whose_session_ended_ends(driver: Driver, may_add_products: None):
    assert await checked(Tab("no-such-session", driver.id)) == [[Code.SIGNED_OUT]]


async def test_the_tabs_of_others_stay(driver: Driver, other_user: User, may_add_products: None):
    mine = await database.run(signed_in, driver.user)
    theirs = await database.run(signed_in, other_user)

    assert await checked(Tab(mine, driver.id), Tab(theirs, driver.id)) == [[], [Code.DRAFT_NOT_FOUND]]


async def test_an_answer_counts_from_the_moment_it_was_asked_for(driver: Driver, may_add_products: None):
    tab = Tab(await database.run(signed_in, driver.user), driver.id)
    before = time.monotonic()
    await checked(tab)

    assert before <= tab.permitted_at <= time.monotonic()
