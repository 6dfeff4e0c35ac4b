"""The limits of the store's account: queried once a day by one process, obeyed everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models import F
from pytest_django import Settings

from tests.support.servers.multipart import image
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.errors import Code, Refusal
from uploads.core.limits import Limits
from uploads.core.snapshot import Snapshot
from uploads.core.states import FileState
from uploads.files import http_upload
from uploads.models import StoreAccount
from uploads.snapshot import read
from uploads.stores import account
from uploads.stores.account import AGAIN_MS, EVERY_MS
from uploads.stores.base import Account, StoreError
from uploads.stores.registry import current_store, known_account

OURS = Limits()


class AccountStore(UnreliableStore):
    """A store on disk with an account."""

    def __init__(self, alias: str = "draft_uploads") -> None:
        super().__init__(alias)
        self.allows = Account(max_file_bytes=10_000_000, max_pixels=25_000_000, dynamic_folders=True)
        self.known: Callable[[], Account] | None = None
        self.silent = False
        self.asked = 0

    def use_account(self, known: Callable[[], Account]) -> None:
        self.known = known

    def account(self) -> Account:
        self.asked += 1
        if self.silent:
            raise StoreError("account: HTTP 420")
        return self.allows


@pytest.fixture
def with_account(settings: Settings, transactional_db: None, service_clock: FakeClock) -> AccountStore:
    settings.UPLOADS = {**settings.UPLOADS, "STORE": {"BACKEND": f"{__name__}.AccountStore"}}
    made = current_store()
    assert isinstance(made, AccountStore)
    return made


def pass_time(milliseconds: int) -> None:
    """A day of the service clock is tens of thousands of ticks; backdate the row instead."""
    StoreAccount.objects.update(ask_again_ms=F("ask_again_ms") - milliseconds)


def test_it_is_asked_once_a_day_however_many_processes_look(with_account: AccountStore):
    for _ in range(5):
        account.refresh()
    assert with_account.asked == 1
    pass_time(EVERY_MS - 1)
    account.refresh()
    assert with_account.asked == 1

    pass_time(1)
    for _ in range(5):
        account.refresh()

    assert with_account.asked == 2


def test_until_it_answers_our_own_limits_hold_and_it_is_asked_again_in_an_hour(
    with_account: AccountStore,
):
    with_account.silent = True
    account.refresh()
    account.refresh()
    assert (with_account.asked, account.effective_limits()) == (1, OURS)

    with_account.silent = False
    pass_time(AGAIN_MS)
    account.refresh()

    assert account.effective_limits().max_file_bytes == 10_000_000


def test_what_it_said_holds_while_it_is_silent(with_account: AccountStore):
    account.refresh()
    with_account.silent = True
    pass_time(EVERY_MS)
    account.refresh()
    assert known_account() == with_account.allows


def test_the_store_is_handed_what_its_account_answered_last(with_account: AccountStore):
    assert with_account.known is not None
    assert with_account.known() == Account()
    account.refresh()
    assert with_account.known() == with_account.allows


def test_the_lower_limit_is_told_and_enforced(with_account: AccountStore, driver: Driver):
    with_account.allows = Account(max_file_bytes=500, max_pixels=1000)
    account.refresh()

    told = read(driver.id, Snapshot)
    assert told is not None
    assert (told.limits.max_file_bytes, told.limits.max_pixels) == (500, 1000)
    with pytest.raises(Refusal) as refused:
        driver.add("large.jpg", b"x" * 501)
    assert refused.value.code == Code.TOO_LARGE
    with pytest.raises(Refusal) as sent:
        http_upload.accept(driver.id, driver.user, image(), ("main_image", None), None)
    assert sent.value.code == Code.TOO_LARGE


def test_the_lower_limit_of_pixels_holds_for_bytes_that_came_over_the_wire(with_account: AccountStore, driver: Driver):
    with_account.allows = Account(max_pixels=1000)
    account.refresh()
    file_id = driver.upload()
    run_jobs()
    file = driver.file(file_id)
    assert (file.state, file.error_code) == (FileState.REJECTED, Code.TOO_MANY_PIXELS)


def test_a_generous_account_raises_nothing(with_account: AccountStore):
    with_account.allows = Account(max_file_bytes=10**12, max_pixels=None)
    account.refresh()
    assert account.effective_limits() == OURS


def test_a_store_without_an_account_costs_no_query(db: None, settings: Settings, django_assert_num_queries):
    with django_assert_num_queries(0):
        account.refresh()
        assert account.effective_limits() == OURS
    assert not StoreAccount.objects.exists()
