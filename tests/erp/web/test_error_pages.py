from __future__ import annotations

from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import AsyncClient, Client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """The connections opened in this test that are still open."""
    opened: set[int] = set()
    connect, close = BaseDatabaseWrapper.connect, BaseDatabaseWrapper.close

    def connecting(self: BaseDatabaseWrapper) -> None:
        connect(self)
        opened.add(id(self))

    def closing(self: BaseDatabaseWrapper) -> None:
        close(self)
        opened.discard(id(self))

    monkeypatch.setattr(BaseDatabaseWrapper, "connect", connecting)
    monkeypatch.setattr(BaseDatabaseWrapper, "close", closing)
    return opened


async def test_the_page_greets_who_is_there_and_keeps_no_connection(make_client: Callable[..., Client], held: set[int]):
    signed_in = await sync_to_async(make_client)("stranger")
    browser = AsyncClient()
    browser.cookies = signed_in.cookies

    answer = await browser.get("/nowhere/")
    # The test client leaves the request's own connection to the test.
    await sync_to_async(connections.close_all)()

    assert (answer.status_code, "stranger" in answer.content.decode()) == (404, True)
    assert held == set()
