"""What the server tells a tab without a live connection about itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from consumers.polling import diagnosis
from consumers.security import origin
from tests.consumers.security.test_origin import handshake
from tests.support.time.service_clock import service_clock
from tests.support.wire.draft_driver import Driver
from tests.support.wire.polling_client import client, driver, make_client, tab
from uploads.core.service_time import OUTAGE_MS
from uploads.grace import clock
from uploads.models import ServiceClock

__all__ = ["client", "driver", "make_client", "service_clock", "tab"]
PAGE, HOST = "http://testserver", "testserver"


@pytest.fixture(autouse=True)
def beating(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.tick()
    monkeypatch.setattr(origin, "_refused", type(origin._refused)(maxlen=32))


def test_nothing_is_wrong() -> None:
    assert diagnosis.problem(PAGE, HOST, "mine") == ""
    assert diagnosis.problem("", HOST, "mine") == ""


def test_a_clock_that_nobody_ticks_is_a_server_without_a_heartbeat() -> None:
    row = ServiceClock.objects.get(pk=1)
    ServiceClock.objects.update(last_ms=row.last_ms - OUTAGE_MS - 1_000)
    assert diagnosis.problem("https://elsewhere.example", HOST, "mine") == diagnosis.NO_HEARTBEAT
    ServiceClock.objects.all().delete()
    assert diagnosis.problem(PAGE, HOST, "mine") == diagnosis.NO_HEARTBEAT


def test_an_origin_that_gets_no_socket_is_named() -> None:
    assert diagnosis.problem("https://elsewhere.example", HOST, "mine") == diagnosis.ORIGIN_REFUSED
    asyncio.run(handshake(PAGE, "behind.example", "mine"))
    assert diagnosis.problem(PAGE, HOST, "mine") == diagnosis.ORIGIN_REFUSED


@pytest.mark.parametrize("layers", [{}, {"default": {"BACKEND": "tests.support.faults.broken_layer.BrokenLayer"}}])
def test_a_layer_that_is_missing_or_fails_is_named(settings: Settings, layers: dict[str, Any]) -> None:
    settings.CHANNEL_LAYERS = layers

    assert diagnosis.problem(PAGE, HOST, "mine") == diagnosis.NO_LAYER


def test_only_who_may_change_the_draft_is_told(driver: Driver, client: Client) -> None:
    address = f"/uploads/draft/{driver.id}/diagnosis/"
    answer = client.get(address, {"origin": PAGE})

    assert (answer.status_code, answer.json()) == (200, {"problem": ""})
    assert answer["Cache-Control"] == "private, no-store"
    assert client.post(address).status_code == 405
    assert Client().get(address).status_code == 401
