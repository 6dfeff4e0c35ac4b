from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path
from pytest_django import Settings

from erp.web import error_pages

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Return the connections opened in this test that are still open."""
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


@pytest.mark.parametrize(("address", "host", "status"), [("/nowhere/", "testserver", 404), ("/", "evil.example", 400)])
def test_a_form_that_breaks_off_is_not_parsed_for_them(client: Client, address: str, host: str, status: int):
    sent: dict[str, Any] = {"data": b"--b\r\nContent-Disposition: form-data", "content_type": "multipart/form-data"}

    assert client.post(address, **sent, headers={"Host": host}).status_code == status


def test_nor_for_the_page_of_a_failure(settings: Settings):
    addresses: Any = ModuleType("addresses")
    addresses.urlpatterns, addresses.handler500 = [path("broken/", broken)], error_pages.failed
    settings.ROOT_URLCONF = addresses
    answer = Client(raise_request_exception=False).post("/broken/", b"no form", content_type="multipart/form-data")

    assert (answer.status_code, b"Something went wrong" in answer.content) == (500, True)


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


async def test_the_page_greets_who_is_there_and_keeps_no_connection(make_client: Callable[..., Client], held: set[int]):
    signed_in = await sync_to_async(make_client)("stranger")
    browser = AsyncClient()
    browser.cookies = signed_in.cookies

    answer = await browser.get("/nowhere/")
    # The test client leaves the request's own connection to the test.
    await sync_to_async(connections.close_all)()

    assert (answer.status_code, "stranger" in answer.content.decode()) == (404, True)
    assert held == set()
