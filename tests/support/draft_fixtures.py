"""Fixtures of the tests of `uploads`: a user with a draft, a process, time, and a store that can fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Permission, User
from pytest_django import Settings

from tests.support.run.counts import Counted
from tests.support.stores.reconcile import run
from tests.support.stores.stray_objects import Disk
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock, service_clock
from tests.support.wire.draft_driver import PRODUCT, Driver, run_jobs
from tests.verification.races import Races
from uploads import api, event_log
from uploads.images.worker_pool import worker_pool
from uploads.models import File
from uploads.presence import sockets
from uploads.stores.registry import current_store

__all__ = [
    "disk",
    "driver",
    "file_id",
    "graces",
    "make_driver",
    "marked",
    "may_add_products",
    "no_children_left",
    "other_user",
    "process",
    "races",
    "service_clock",
    "short_grace",
    "unreliable_store",
    "user",
]


@pytest.fixture(autouse=True)
def short_grace(settings: Settings, own_disk: Path) -> None:
    """N is 10 s after a clean close and 20 s after a loss."""
    settings.UPLOADS = {**settings.UPLOADS, "GRACE_SECONDS": 10, "GRACE_SECONDS_LOST": 20}


@pytest.fixture(scope="session", autouse=True)
def no_children_left() -> Iterator[None]:
    """Stop the decoding processes at the end of the tests."""
    yield
    worker_pool().stop()


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def may_add_products(user: User) -> None:
    """Permit `user` to work on drafts of new products, and so to view their files."""
    user.user_permissions.add(Permission.objects.get(codename="add_product"))


@pytest.fixture
def other_user(transactional_db: None) -> User:
    return User.objects.create(username="bob")


@pytest.fixture
def make_driver(user: User, service_clock: FakeClock) -> Callable[..., Driver]:
    """Opens new products for `user`, or for the user given."""
    return lambda of=user: Driver(of, api.open_draft(of, PRODUCT, fresh=True).id)


@pytest.fixture
def driver(make_driver: Callable[[], Driver]) -> Driver:
    """A new product opened by `user`."""
    return make_driver()


@pytest.fixture
def file_id() -> UUID:
    """A file about which nothing is known yet."""
    return uuid4()


@pytest.fixture
def process(transactional_db: None, service_clock: FakeClock) -> UUID:
    """A server process with a lease."""
    return sockets.start_process()


@pytest.fixture
def races(counted: Counted, report: Callable[[object], None]) -> Iterator[Races]:
    """Counts the rounds of a race and who won them."""
    races = Races(counted)
    yield races
    if races.all_run():
        report(races)
        assert races.one_sided() == set()


@pytest.fixture
def graces(monkeypatch: pytest.MonkeyPatch) -> Counter[UUID]:
    """Counts how often each draft's grace began."""
    begun: Counter[UUID] = Counter()

    def record(event: str, draft_id: UUID, **facts: Any) -> None:
        begun[draft_id] += event == "grace_started"
        event_log.record(event, draft_id, **facts)

    monkeypatch.setattr(sockets, "event_log", SimpleNamespace(record=record))
    return begun


@pytest.fixture
def unreliable_store(settings: Settings) -> UnreliableStore:
    """The current store, which can be made to fail."""
    backend = {
        "BACKEND": "tests.support.stores.unreliable_store.UnreliableStore",
        "OPTIONS": {"alias": "draft_uploads"},
    }
    settings.UPLOADS = {**settings.UPLOADS, "STORE": backend}
    made = current_store()
    assert isinstance(made, UnreliableStore)
    return made


@pytest.fixture
def disk(service_clock: FakeClock) -> Disk:
    """The store's disk, on which a test can plant objects."""
    return Disk(service_clock)


@pytest.fixture
def marked(driver: Driver, disk: Disk, service_clock: FakeClock) -> None:
    """A site with a generation marker set two hours ago and fifty saved files, so that a few orphans raise no alarm."""
    first = driver.shelve()
    driver.commit()
    run_jobs()
    saved = File.objects.filter(pk=first).values().get()
    # The others as copies: to save each takes longer than most tests.
    for number in range(1, 50):
        key = saved["store_key"].replace(str(first), str(id_ := uuid4()))
        File.objects.create(**{**saved, "id": id_, "sequence": number, "store_key": key})
        current_store().put(key, BytesIO(b"bytes"), saved["content_type"])
    assert run().marked
    run_jobs()
    service_clock.skip(7_200)
