"""Reconciling a Cloudinary account: what is found there, and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from io import BytesIO
from uuid import uuid4

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.pictures import picture
from tests.support.stores.stray_objects import DAY, FOLDER, temp_key
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.models import File
from uploads.reconcile.cleanup import clean
from uploads.reconcile.rules import Classification, Reason, Stop
from uploads.reconcile.scan import scan
from uploads.stores.registry import current_store


@pytest.fixture
def cloud(cloud: Cloud, service_clock: FakeClock) -> Cloud:
    """The cloud's clock is that of the database."""
    service_clock.now_ms = int(cloud.now() * 1000)
    return cloud


def plant(key: str) -> str:
    current_store().put(key, BytesIO(picture()), "image/jpeg")
    return key


def age(cloud: Cloud, seconds: float = DAY) -> None:
    """Backdate everything that exists now."""
    for asset in cloud.assets.values():
        asset.created_at = cloud.now() - seconds


def id_of(key: str) -> str:
    return key.rpartition(".")[0]


def costs(cloud: Cloud) -> Counter[str]:
    counted = Counter(event.endpoint for event in cloud.calls())
    cloud.log.clear()
    return counted


def test_orphans_go_and_what_is_ours_or_anothers_stays(
    cloud: Cloud, driver: Driver, make_driver, service_clock: FakeClock
):
    saved = [driver.store() for _ in range(2)]
    driver.commit()
    run_jobs()
    live = make_driver()
    waiting = live.store()
    kept = {id_of(live.file(file_id).store_key) for file_id in [*saved, waiting]}
    foreign = {id_of(plant(temp_key("shop"))), id_of(plant(f"{FOLDER}/holiday.jpg"))}
    saved_stray = id_of(plant(f"media/product_files/9/erp-{uuid4()}.jpg"))
    left_behind = plant(temp_key(file=saved[0]))
    nameless = [plant(temp_key()) for _ in range(3)]
    age(cloud)
    costs(cloud)

    found = scan(reserve=100)

    # Temp objects of both types, and saved ones.
    assert costs(cloud) == {"list": 3}
    assert {one.listed.key: one.reason for one in found.of(Classification.ORPHAN)} == {
        left_behind: Reason.LEFT_BEHIND,
        **dict.fromkeys(nameless, Reason.NO_ROW),
    }
    assert len(found.of(Classification.UNCLAIMED)) == 1
    assert (found.dangling, found.cut) == ([], {})

    assert clean(found, trust=True, confirmed=4).deletes == 4
    run_jobs()

    # The marker is one of the ids, and was private like everything in the temp folder.
    (mark,) = [found for found in cloud.ids() if "-mark-1-" in found]
    assert set(cloud.ids()) == kept | foreign | {saved_stray, mark}
    assert costs(cloud) == {"upload": 1, "destroy": 4}
    service_clock.skip(DAY)
    again = clean(scan(reserve=100))
    assert (again.deletes, again.stop, again.marked) == (0, None, True)
    run_jobs()
    assert costs(cloud) == {"list": 3, "upload": 1, "destroy": 1}


def test_a_row_without_its_object_is_looked_for_by_a_call_that_is_not_counted(cloud: Cloud, driver: Driver):
    file_id = driver.store()
    cloud.assets.clear()
    costs(cloud)
    assert [one.file for one in scan().dangling] == [file_id]
    assert costs(cloud) == {"list": 3, "explicit": 2}


def test_images_that_are_saved_where_they_lie_are_kept(
    cloud: Cloud, driver: Driver, use_cloudinary: Callable[..., Cloud]
):
    use_cloudinary(promote_mode="none")
    for _ in range(2):
        driver.store()
    driver.commit()
    run_jobs()
    age(cloud)
    found = scan()
    assert {one.reason for one in found.classified} == {Reason.OWN}
    assert (clean(found).stop, found.dangling) == (None, [])


@pytest.mark.parametrize("mode_now", ["none", "rename"])
def test_a_saved_image_whose_row_was_lost_is_only_reported_where_images_are_saved_where_they_lie(
    cloud: Cloud, driver: Driver, use_cloudinary: Callable[..., Cloud], mode_now: str
):
    """The product still shows it. A mode that was changed later moves nothing that was saved before."""
    use_cloudinary(promote_mode="none")
    lost, kept = driver.store(), driver.store()
    driver.commit()
    run_jobs()
    key = driver.file(lost).store_key
    File.objects.filter(pk=lost).delete()
    deleted = plant(temp_key(file=kept))
    age(cloud)
    use_cloudinary(promote_mode=mode_now)
    found = scan()

    assert [(one.listed.key, one.reason) for one in found.of(Classification.UNCLAIMED)] == [(key, Reason.NO_ROW)]
    assert [one.listed.key for one in found.of(Classification.ORPHAN)] == [deleted]
    assert clean(found, trust=True, confirmed=1).deletes == 1
    run_jobs()
    assert {id_of(key), id_of(driver.file(kept).store_key)} <= set(cloud.ids())


def test_a_store_of_a_site_whose_database_was_lost_is_left_alone(cloud: Cloud, driver: Driver):
    for _ in range(3):
        plant(temp_key())
    age(cloud)
    before = cloud.ids()
    assert clean(scan(), confirmed=3).stop is Stop.UNNAMED
    run_jobs()
    assert cloud.ids() == before


def test_it_stops_listing_where_others_need_the_calls(cloud: Cloud, driver: Driver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("uploads.stores.cloudinary.store.PAGE", 2)
    for _ in range(9):
        plant(temp_key())
    cloud.plan.admin_calls_per_hour = 102
    costs(cloud)
    found = scan(reserve=100)
    assert costs(cloud) == {"list": 4}
    assert len(found.classified) == 6
    assert list(found.cut) == ["media/temp_product_files/", "media/product_files/"]


def test_a_spent_allowance_ends_the_look_and_says_so(cloud: Cloud, driver: Driver):
    cloud.plan.admin_calls_per_hour = 1
    plant(temp_key())
    found = scan()
    assert "420" in found.cut["media/temp_product_files/"]
    assert len(found.classified) == 1
