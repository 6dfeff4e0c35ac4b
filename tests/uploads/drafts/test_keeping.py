from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver
from tests.verification.races import race
from uploads import api
from uploads.core.errors import Code, Refusal
from uploads.core.states import DraftState
from uploads.drafts import keeping
from uploads.expiry import circuit_breaker, set_grace, sweeper
from uploads.grace import clock
from uploads.grace.rules import GraceSettings
from uploads.models import Draft

HOUR = 3600
DAY_MS = 24 * HOUR * 1000


@pytest.fixture
def kept(driver: Driver) -> Driver:
    """A draft that its owner keeps for 24 hours and has closed."""
    driver.store("a.jpg")
    api.keep(driver.user, driver.id)
    driver.abandon()
    return driver


def pass_time(service_clock: FakeClock, seconds: int) -> None:
    service_clock.skip(seconds)
    sweeper.sweep()


def test_what_is_kept_outlives_n_and_not_its_own_time(kept: Driver, service_clock: FakeClock):
    pass_time(service_clock, 23 * HOUR)
    assert kept.state == DraftState.GRACE

    pass_time(service_clock, HOUR + 1)
    assert kept.state == DraftState.EXPIRING


def test_keeping_a_draft_in_grace_moves_its_deadline(driver: Driver, service_clock: FakeClock):
    driver.abandon()
    api.keep(driver.user, driver.id)
    assert driver.draft.deadline_ms == clock.service_now() + DAY_MS


def test_keeping_again_counts_from_now(kept: Driver, service_clock: FakeClock):
    service_clock.skip(HOUR)
    api.keep(kept.user, kept.id)
    assert kept.draft.deadline_ms == clock.service_now() + DAY_MS


def test_keeping_never_shortens_a_longer_grace(driver: Driver, settings: Settings, service_clock: FakeClock):
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 48 * HOUR, "GRACE_SECONDS_LOST": 48 * HOUR}
    driver.abandon()
    before = driver.draft.deadline_ms
    api.keep(driver.user, driver.id)
    assert driver.draft.deadline_ms == before


@pytest.mark.parametrize("seconds", [1, 10, 100, None])
def test_a_live_change_of_n_respects_it(kept: Driver, service_clock: FakeClock, seconds: int | None):
    until_ms = kept.draft.keep_until_ms
    set_grace.change(None if seconds is None else GraceSettings(seconds, seconds), by="ada")
    assert kept.draft.deadline_ms == until_ms


def test_an_older_server_that_starts_its_grace_takes_nothing_from_it(kept: Driver, service_clock: FakeClock):
    """Two versions run side by side: the previous one writes S + N."""
    Draft.objects.filter(pk=kept.id).update(deadline_ms=clock.service_now())
    sweeper.sweep()
    assert (kept.state, kept.draft.deadline_ms) == (DraftState.GRACE, kept.draft.keep_until_ms)


def test_a_freeze_counts_what_is_kept_only_when_its_time_has_come(
    make_driver: Callable[[], Driver], settings: Settings, service_clock: FakeClock
):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_drafts": 300, "max_kept_drafts": 300}}
    for _ in range(210):
        driver = make_driver()
        keeping.keep(driver.id, driver.user)
    pass_time(service_clock, 23 * HOUR)
    assert circuit_breaker.state().frozen_until_ms is None
    pass_time(service_clock, HOUR)
    assert circuit_breaker.state().frozen_until_ms is not None
    assert not Draft.objects.exclude(state=DraftState.GRACE).exists()


def test_a_user_keeps_a_few_at_most(make_driver: Callable[[], Driver], process: UUID):
    first = make_driver()
    for driver in [first, *(make_driver() for _ in range(4))]:
        api.keep(driver.user, driver.id)
    with pytest.raises(Refusal) as refused:
        api.keep(first.user, make_driver().id)
    assert refused.value.code == Code.TOO_MANY_KEPT

    api.keep(first.user, first.id)
    api.discard(first.user, first.id)
    api.keep(first.user, make_driver().id)


def test_two_at_once_do_not_both_become_the_last(make_driver: Callable[[], Driver], process: UUID):
    for _ in range(4):
        api.keep((driver := make_driver()).user, driver.id)
    drivers = [make_driver() for _ in range(3)]

    def keep(driver: Driver) -> bool:
        try:
            api.keep(driver.user, driver.id)
        except Refusal:
            return False
        return True

    kept = race(*[lambda driver=driver: keep(driver) for driver in drivers])
    assert sorted(kept) == [False, False, True]


def test_nobody_keeps_what_has_ended_or_is_anothers(driver: Driver, other_user: User):
    with pytest.raises(Refusal) as refused:
        api.keep(other_user, driver.id)
    assert refused.value.code == Code.DRAFT_NOT_FOUND
    driver.commit()
    with pytest.raises(api.AlreadyCommitted):
        api.keep(driver.user, driver.id)


def test_the_list_says_until_when_it_is_kept(kept: Driver, process: UUID, service_clock: FakeClock):
    (found,) = api.unsaved(kept.user, PRODUCT.kind)
    assert found.kept_until == found.asked_until
    assert found.asked_until is not None
    assert abs(found.asked_until - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)

    kept.connect(process)
    (found,) = api.unsaved(kept.user, PRODUCT.kind)
    assert (found.kept_until, found.open_elsewhere) == (None, True)
    assert found.asked_until is not None
