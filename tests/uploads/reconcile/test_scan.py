"""Scanning the store and the database: what is found, and what is not because work on it is in progress."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from tests.support.stores.stray_objects import FOLDER, Disk, temp_key
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core import small_pictures
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.models import File, StoreJob
from uploads.reconcile.rules import AGE_MS, Classification, Reason
from uploads.reconcile.scan import MAX_LOOKUPS, ScanResult, scan
from uploads.stores.base import Listed, StoreError
from uploads.stores.django_storage import DjangoStorageStore
from uploads.stores.retry import LATE_MS

DAY = 86_400


def look(disk: Disk, **options) -> ScanResult:
    """Make everything a day old, so that no classification is due to age."""
    disk.date_all()
    return scan(**{"age_ms": AGE_MS, **options})


def whys(examined: ScanResult) -> dict[str, Reason]:
    return {one.listed.key: one.reason for one in examined.classified}


def unwanted(examined: ScanResult) -> list[str]:
    return [
        one.listed.key
        for one in examined.classified
        if one.classification not in (Classification.KEPT, Classification.MARK)
    ]


def test_two_hundred_orphans_fifty_dangling_rows_and_fifty_foreign_keys_are_found_exactly(
    driver: Driver, make_driver: Callable[[], Driver], disk: Disk, user
):
    kept = [driver.shelve() for _ in range(30)]
    driver.commit()
    run_jobs()
    left_behind = [disk.plant(temp_key(file=file_id)) for file_id in kept]
    deleted = make_driver()
    gone = [deleted.file(deleted.shelve()).store_key for _ in range(70)]
    lifecycle.discard(deleted.id, user)
    run_jobs()
    gone = [disk.plant(key) for key in gone]
    nameless = [disk.plant(temp_key()) for _ in range(100)]
    hollow = make_driver()
    dangling = [hollow.shelve() for _ in range(50)]
    for file_id in dangling:
        disk.remove(hollow.file(file_id).store_key)
    foreign = [disk.plant(temp_key("shop")) for _ in range(25)]
    foreign += [disk.plant(f"{FOLDER}/{n}.jpg") for n in range(25)]
    # Objects of other users of the bucket are not even seen.
    disk.plant("media/banners/erp-summer.jpg")

    found = look(disk)

    assert {one.listed.key: one.reason for one in found.of(Classification.ORPHAN)} == {
        **dict.fromkeys(left_behind, Reason.LEFT_BEHIND),
        **dict.fromkeys(gone, Reason.DELETED),
        **dict.fromkeys(nameless, Reason.NO_ROW),
    }
    assert len(found.of(Classification.ORPHAN)) == 200
    assert {one.file for one in found.dangling} == set(dangling)
    assert {one.reason for one in found.dangling} == {Reason.LOST_TEMP}
    assert {one.listed.key for one in found.of(Classification.FOREIGN)} == set(foreign)
    assert Counter(one.classification for one in found.classified) == {"orphan": 200, "foreign": 50, "kept": 30}


def test_looking_changes_nothing(driver: Driver, disk: Disk):
    driver.store()
    disk.plant(temp_key())
    before = disk.keys, list(File.objects.values()), list(StoreJob.objects.values())

    look(disk)

    assert (disk.keys, list(File.objects.values()), list(StoreJob.objects.values())) == before


@pytest.mark.parametrize("state", [FileState.STORED, FileState.REMOVED, FileState.LINKED, FileState.PERMANENT])
def test_a_row_without_its_object_dangles(driver: Driver, disk: Disk, state: FileState):
    file_id = driver.store()
    if state is FileState.REMOVED:
        driver.remove(file_id)
    if state in (FileState.LINKED, FileState.PERMANENT):
        driver.commit()
    if state is FileState.PERMANENT:
        run_jobs()
    assert driver.file_state(file_id) == state
    disk.remove(driver.file(file_id).store_key)

    (found,) = look(disk).dangling

    assert (found.file, found.key) == (file_id, driver.file(file_id).store_key)


def test_a_file_that_was_refused_or_is_not_sent_yet_needs_no_object(driver: Driver, disk: Disk):
    driver.add()
    driver.upload(content=b"no picture")
    run_jobs()
    assert look(disk).dangling == []


def test_an_object_of_a_saved_file_that_nobody_wants_is_reported_and_no_orphan(driver: Driver, disk: Disk):
    key = disk.plant(f"media/product_files/7/erp-{uuid4()}.jpg")
    found = look(disk)
    assert [one.listed.key for one in found.of(Classification.UNCLAIMED)] == [key]
    assert found.of(Classification.ORPHAN) == []


def test_files_that_are_committed_where_they_lie_are_at_home_there(driver: Driver, disk: Disk):
    """A store that does not move what it promotes."""
    file_id = driver.store()
    File.objects.filter(pk=file_id).update(state=FileState.PERMANENT)
    found, key = look(disk), driver.file(file_id).store_key
    assert whys(found) == {key: Reason.OWN, **dict.fromkeys(small_pictures.keys(key), Reason.SMALL)}
    assert found.dangling == []


# --- Work in progress


def test_a_put_in_flight_is_neither_orphan_nor_dangling(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    seen: list[ScanResult] = []
    unreliable_store.before["put"] = lambda: seen.append(look(disk))
    unreliable_store.after["put"] = lambda: seen.append(look(disk))

    driver.store()

    assert [len(found.classified) for found in seen] == [0, 1]
    assert [unwanted(found) for found in seen] == [[], []]
    assert [found.dangling for found in seen] == [[], []]


def test_a_late_put_of_a_deleted_file_is_left_to_its_second_delete(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    unreliable_store.delay_puts()
    file_id = driver.upload()
    run_jobs()
    lifecycle.discard(driver.id, driver.user)
    run_jobs()
    unreliable_store.land()
    assert list(whys(look(disk)).values()) == [Reason.LEAVING]

    # If that delete is lost, the object is an orphan once nothing is in progress any more.
    StoreJob.objects.all().delete()
    assert list(whys(look(disk)).values()) == [Reason.UNDER_WAY]
    service_clock.skip(LATE_MS / 1000)
    assert [one.reason for one in look(disk).of(Classification.ORPHAN)] == [Reason.DELETED]
    assert driver.file_state(file_id) == FileState.DELETED


@pytest.mark.parametrize("moving", [False, True])
def test_a_promotion_in_flight_loses_neither_end(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, moving: bool
):
    unreliable_store.moving = moving
    driver.store()
    driver.commit()
    seen: list[ScanResult] = []
    unreliable_store.before["promote"] = lambda: seen.append(look(disk))
    unreliable_store.after["promote"] = lambda: seen.append(look(disk))

    run_jobs()

    seen.append(look(disk))
    assert [len(found.classified) for found in seen] == [3, 3 if moving else 4, 3]
    assert [unwanted(found) for found in seen] == [[]] * 3
    assert [found.dangling for found in seen] == [[]] * 3


def test_an_expiry_in_flight_is_left_alone(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    driver.store()
    driver.expire(service_clock)
    seen = [look(disk)]
    unreliable_store.before["destroy"] = lambda: seen.append(look(disk))
    unreliable_store.after["destroy"] = lambda: seen.append(look(disk))

    run_jobs()

    seen.append(look(disk))
    assert [list(whys(found).values()) for found in seen] == [[Reason.LEAVING] * left for left in (3, 3, 2, 0)]
    assert [found.dangling for found in seen] == [[]] * 4


def test_a_file_that_is_stored_or_promoted_behind_the_listing_does_not_dangle(
    driver: Driver, make_driver: Callable[[], Driver], disk: Disk, unreliable_store: UnreliableStore, monkeypatch
):
    """Listings take minutes, and files change meanwhile."""
    driver.store()
    driver.commit()
    late = make_driver()
    whole_list = unreliable_store.list

    def slow(prefix: str) -> Iterator[Listed]:
        yield from list(whole_list(prefix)) if "temp" in prefix else []
        if "temp" not in prefix:
            late.store()
            run_jobs()

    monkeypatch.setattr(unreliable_store, "list", slow)
    assert look(disk).dangling == []


def test_a_delete_that_was_given_up_leaves_an_orphan(driver: Driver, disk: Disk):
    driver.store()
    lifecycle.discard(driver.id, driver.user)
    StoreJob.objects.update(dead=True)
    assert [one.reason for one in look(disk).of(Classification.ORPHAN)] == [Reason.DELETED] * 3


# --- Stopping early


class Counting(UnreliableStore):
    """Counts its pages like a store with a quota: two objects per page."""

    left = 102
    pages = 0

    def list(self, prefix: str) -> Iterator[Listed]:
        for number, listed in enumerate(DjangoStorageStore("draft_uploads").list(prefix)):
            if number % 2 == 0:
                Counting.pages += 1
                Counting.left -= 1
            yield Listed(
                key=listed.key,
                receipt={},
                size=1,
                created_at=datetime(2020, 1, 1, tzinfo=UTC),
                calls_left=Counting.left,
            )


@pytest.fixture
def counting(settings: Settings, monkeypatch: pytest.MonkeyPatch, driver: Driver) -> None:
    settings.UPLOADS = {**settings.UPLOADS, "STORE": {"BACKEND": f"{__name__}.Counting"}}
    monkeypatch.setattr(Counting, "left", 102)
    monkeypatch.setattr(Counting, "pages", 0)


def test_no_page_is_asked_for_when_few_calls_are_left_and_it_says_where_it_stopped(counting: None, disk: Disk):
    for _ in range(20):
        disk.plant(temp_key())

    found = scan(age_ms=AGE_MS, reserve=100)

    # The page that shows it, and the next one, whose first object shows that it is another page.
    assert len(found.classified) == 6
    assert Counting.pages == 4
    assert found.cut["media/product_files/"] == "the listing before it ended early"
    assert "98 more calls" in found.cut["media/temp_product_files/"]


def test_a_page_that_was_paid_for_is_read_to_its_end(counting: None, disk: Disk):
    Counting.left = 100
    disk.plant(temp_key())
    disk.plant(temp_key())
    found = scan(age_ms=AGE_MS, reserve=100)
    assert (len(found.classified), found.cut) == (2, {})


def test_rows_below_a_folder_that_was_not_listed_whole_are_not_said_to_dangle(
    counting: None, driver: Driver, disk: Disk
):
    file_id = driver.store()
    disk.remove(driver.file(file_id).store_key)
    for _ in range(20):
        disk.plant(temp_key())

    assert scan(age_ms=AGE_MS, reserve=100).dangling == []
    Counting.left = 1_000
    assert [one.file for one in scan(age_ms=AGE_MS, reserve=100).dangling] == [file_id]


def test_a_listing_that_fails_half_way_says_so_and_keeps_what_it_saw(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, monkeypatch
):
    keys = [disk.plant(temp_key()) for _ in range(3)]

    def failing(prefix: str) -> Iterator[Listed]:
        yield Listed(key=keys[0], receipt={}, size=1, created_at=None)
        raise StoreError("list: reset")

    monkeypatch.setattr(unreliable_store, "list", failing)
    found = scan()
    assert found.cut["media/temp_product_files/"] == "the store failed: list: reset"
    assert [one.listed.key for one in found.classified] == [keys[0]]


def test_a_store_that_cannot_list_says_so(driver: Driver, settings: Settings):
    backend = "tests.verification.simulation_store.SimulatedStore"
    settings.UPLOADS = {**settings.UPLOADS, "STORE": {"BACKEND": backend}}
    with pytest.raises(StoreError, match="cannot"):
        scan()


def test_saved_files_are_left_out_on_demand(driver: Driver, disk: Disk):
    file_id = driver.store()
    driver.commit()
    run_jobs()
    disk.remove(driver.file(file_id).store_key)
    found = look(disk, saved=False)
    assert (found.classified, found.dangling) == ([], [])
    assert list(found.left_out) == ["media/product_files/{target}"]


@pytest.mark.parametrize("folder", ["{target}", "p{target}/files"])
def test_saved_files_without_a_folder_of_their_own_are_not_listed(
    driver: Driver, disk: Disk, settings: Settings, folder: str
):
    settings.UPLOADS = {**settings.UPLOADS, "PERMANENT_FOLDER": folder}
    driver.store()
    found = look(disk)
    assert len(found.classified) == 3
    assert list(found.left_out) == [folder]


@pytest.mark.parametrize("folder", ["media/{target}", "media/temp_product_files/saved/{target}"])
def test_objects_of_folders_that_overlap_are_seen_once(driver: Driver, disk: Disk, settings: Settings, folder: str):
    settings.UPLOADS = {**settings.UPLOADS, "PERMANENT_FOLDER": folder}
    driver.store()
    driver.commit()
    run_jobs()
    disk.plant(f"{folder.format(target='8')}/erp-{uuid4()}.jpg")
    found = look(disk)
    assert len(found.classified) == 4
    assert found.of(Classification.ORPHAN) == []
    assert found.dangling == []


def test_where_all_objects_are_gone_only_so_many_are_looked_for(
    driver: Driver, disk: Disk, unreliable_store: UnreliableStore, monkeypatch
):
    looked: list[str] = []

    def gone(key: str) -> bool:
        looked.append(key)
        return False

    monkeypatch.setattr(unreliable_store, "exists", gone)
    draft = driver.draft
    rows = [file_row(draft, uuid4()) for _ in range(MAX_LOOKUPS + 3)]
    File.objects.bulk_create(rows)
    found = scan()
    assert (len(looked), found.not_looked_for) == (MAX_LOOKUPS, 3)


def file_row(draft, file_id: UUID) -> File:
    key = temp_key(file=file_id)
    return File(id=file_id, draft=draft, state="stored", name="x", size=1, sequence=0, store_key=key)
