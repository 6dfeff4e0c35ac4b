from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

import pytest
from django.db.models import F

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from tests.verification.races import race
from uploads.core.service_time import Cause
from uploads.drafts import form_state, lifecycle
from uploads.drafts.lifecycle import DraftGone
from uploads.expiry import idle, sweeper
from uploads.expiry.idle import DAY_MS, WARNING_MS, expire_idle
from uploads.grace import clock
from uploads.models import ExpiryFreeze, Process, ServiceClock, StoreJob
from uploads.presence import sockets


@pytest.fixture(autouse=True)
def two_days(settings) -> None:
    settings.UPLOADS = {**settings.UPLOADS, "MAX_IDLE_DAYS": 2}


@pytest.fixture
def tab(driver: Driver, process: UUID) -> UUID:
    """An open tab, as seen by the latest check."""
    driver.store("front.jpg")
    socket_id = driver.connect(process)
    assert expire_idle() == 0
    return socket_id


def let_pass(ms: int) -> None:
    """Advance service time while every process stays alive: days, without ticking each second of them."""
    ServiceClock.objects.update(s_ms=F("s_ms") + ms)
    Process.objects.update(lease_ms=F("lease_ms") + ms)


def test_a_draft_nobody_used_for_so_long_ends_with_its_names(driver: Driver, tab: UUID, process: UUID):
    let_pass(2 * DAY_MS - 1)
    assert expire_idle() == 0
    let_pass(1)

    sweeper.garbage_collect()

    assert (driver.state, driver.draft.end_reason) == ("expiring", "idle")
    assert StoreJob.objects.get().kind == "destroy"
    with pytest.raises(DraftGone) as refused:
        driver.connect(process)
    assert refused.value.names == ("front.jpg",)


def test_by_default_a_tab_may_stand_open_for_ever(driver: Driver, tab: UUID, settings):
    settings.UPLOADS = {**settings.UPLOADS, "MAX_IDLE_DAYS": None}
    let_pass(1000 * DAY_MS)
    assert expire_idle() == 0
    assert driver.state == "open"


@pytest.mark.parametrize("use", ["text", "file", "variants"])
def test_any_use_begins_the_time_anew(driver: Driver, tab: UUID, use: str):
    let_pass(2 * DAY_MS - 1)
    if use == "text":
        form_state.note(driver.id, driver.user, {"name": ["Mug"]})
    elif use == "file":
        driver.add()
    else:
        driver.variants("red")
    let_pass(1)
    assert expire_idle() == 0

    let_pass(2 * DAY_MS - 1)
    assert expire_idle() == 0
    let_pass(1)
    assert expire_idle() == 1


def test_a_tab_that_reconnects_by_itself_is_no_use(driver: Driver, tab: UUID, process: UUID):
    let_pass(DAY_MS)
    sockets.disconnect(tab, Cause.LOST)
    driver.connect(process)
    expire_idle()
    let_pass(DAY_MS)

    assert expire_idle() == 1


def test_without_a_tab_the_grace_alone_decides(driver: Driver, tab: UUID):
    sockets.disconnect(tab, Cause.CLEAN)
    let_pass(3 * DAY_MS)
    assert expire_idle() == 0
    assert driver.state == "grace"


def test_a_freeze_holds_it_too(driver: Driver, tab: UUID):
    ExpiryFreeze.objects.update_or_create(pk=1, defaults={"frozen_until_ms": 10**12})
    let_pass(3 * DAY_MS)
    assert expire_idle() == 0
    ExpiryFreeze.objects.update(frozen_until_ms=None)
    assert expire_idle() == 1


def test_an_hour_before_it_is_announced_once(driver: Driver, tab: UUID, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO, "uploads.events")
    let_pass(2 * DAY_MS - WARNING_MS - 1)
    expire_idle()
    assert not caplog.messages
    let_pass(1)

    expire_idle()
    expire_idle()

    assert [json.loads(line) for line in caplog.messages] == [
        {"event": "draft_idle", "draft": str(driver.id), "days": 2}
    ]


def test_a_use_in_the_last_moment_and_the_end_have_one_winner(
    make_driver: Callable[[], Driver], process: UUID, service_clock: FakeClock
):
    for _ in range(20):
        driver = make_driver()
        driver.connect(process)
        expire_idle()
        let_pass(2 * DAY_MS)
        last_ms = clock.service_now() - 2 * DAY_MS

        added, ended = race(driver.add, partial(idle._end, driver.id, last_ms))

        assert isinstance(added, DraftGone) == ended
        assert (driver.state == "open") == (not ended)
        if not ended:
            lifecycle.discard(driver.id, driver.user, "op-end")
