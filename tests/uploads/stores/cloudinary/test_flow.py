"""A draft on Cloudinary from its first image to its end: what arrives, what it costs, what a browser receives."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import Settings

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads import api
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.models import File, StoreJob
from uploads.stores.retry import LATE_MS

FILES = 20


@pytest.fixture
def cloud(cloud: Cloud, settings: Settings) -> Cloud:
    # The page for a 404 needs no published manifest.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    return cloud


def costs(cloud: Cloud) -> Counter[str]:
    return Counter(event.endpoint for event in cloud.calls())


def get(user: User, path: str):
    client = Client()
    client.force_login(user)
    return client.get(path)


def test_twenty_images_cost_twenty_uploads_and_twenty_renames_and_end_in_the_products_folder(
    cloud: Cloud, driver: Driver
):
    made = [driver.upload(f"{number}.jpg") for number in range(FILES)]
    run_jobs()
    assert all(found.startswith("media/temp_product_files/ada_") for found in cloud.ids())
    driver.commit()
    run_jobs()

    assert costs(cloud) == {"upload": FILES, "rename": FILES}
    assert cloud.ids() == sorted(f"media/product_files/7/erp-{file_id}" for file_id in made)
    assert {driver.file_state(file_id) for file_id in made} == {FileState.PERMANENT}
    assert not StoreJob.objects.exists()


def test_a_discarded_draft_leaves_nothing(cloud: Cloud, driver: Driver):
    for number in range(3):
        driver.store(f"{number}.jpg")
    lifecycle.discard(driver.id, driver.user)
    run_jobs()
    assert cloud.ids() == []
    assert costs(cloud) == {"upload": 3, "destroy": 3}
    assert driver.state == "expired"


def test_a_product_that_is_deleted_takes_its_images_with_it(cloud: Cloud, driver: Driver):
    file_id = driver.store()
    driver.commit()
    run_jobs()
    api.release([file_id])
    run_jobs()
    assert cloud.ids() == []


@pytest.mark.parametrize("kind", ["cut after", "done but 500", "cut before", "502", "garbage"])
@pytest.mark.parametrize("endpoint", ["upload", "rename", "destroy"])
def test_whatever_gets_lost_on_the_way_nothing_is_lost_and_nothing_is_left(
    cloud: Cloud, driver: Driver, service_clock: FakeClock, endpoint: str, kind: str
):
    def settle(seconds: float = 120) -> None:
        for _ in range(8):
            run_jobs()
            service_clock.advance(seconds / 8)

    cloud.fail(endpoint, kind, times=2)
    kept, gone = driver.upload("kept.jpg"), driver.upload("gone.jpg")
    settle()
    driver.remove(gone)
    if driver.file_state(gone) == FileState.REMOVED:
        driver.purge(gone)
    driver.commit()
    settle()
    settle(1.2 * LATE_MS / 1000)

    assert cloud.ids() == [f"media/product_files/7/erp-{kept}"]
    assert driver.file_state(kept) == FileState.PERMANENT
    assert not StoreJob.objects.exists()
    assert len(cloud.calls()) < 16


# --- What a browser receives


def address(user: User, file_id: UUID, small: bool = False) -> str:
    answer = get(user, f"/uploads/file/{file_id}/{'?small' if small else ''}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "private, no-store")
    return answer.headers["Location"]


def test_the_owner_is_led_to_a_signed_address_of_a_temp_file_and_nobody_else_is(
    cloud: Cloud, driver: Driver, other_user: User
):
    file_id = driver.store()
    for user in (driver.user, other_user):
        user.user_permissions.set(Permission.objects.filter(codename="add_product"))
    before = costs(cloud)

    whole, small = address(driver.user, file_id), address(driver.user, file_id, small=True)

    assert whole.startswith(f"{cloud.delivery}/image/authenticated/s--")
    assert small.startswith(f"{cloud.delivery}/image/authenticated/s--")
    assert "c_limit" in small
    assert get(other_user, f"/uploads/file/{file_id}/").status_code == 404
    assert costs(cloud) == before


def test_a_permanent_file_is_led_to_its_lasting_address(cloud: Cloud, driver: Driver):
    file_id = driver.store()
    driver.commit()
    run_jobs()
    driver.user.user_permissions.set(Permission.objects.filter(codename="view_product"))
    before = costs(cloud)

    whole, small = address(driver.user, file_id), address(driver.user, file_id, small=True)

    assert whole == api.file_url(file_id)
    assert small == api.small_picture_urls([file_id])[file_id].small
    assert costs(cloud) == before


def test_a_file_that_is_not_permanent_yet_has_our_own_small_address(cloud: Cloud, driver: Driver):
    file_id = driver.store()
    driver.commit()
    small, large = (f"/uploads/file/{file_id}/?w={width}" for width in (320, 1280))
    assert api.small_picture_urls([file_id]) == {file_id: api.SmallPictures(small, large, 320, 240)}


@pytest.mark.parametrize("name", ["", "storage draft_uploads", "cloudinary other"])
def test_a_file_that_another_store_has_has_no_small_picture_here(cloud: Cloud, driver: Driver, name: str):
    file_id = driver.store()
    File.objects.filter(pk=file_id).update(store_name=name)
    assert api.small_picture_urls([file_id]) == {}


def test_without_promotion_a_saved_image_stays_where_it_is_and_still_goes_with_its_product(
    cloud: Cloud, driver: Driver, settings: Settings
):
    backend = {"BACKEND": "uploads.stores.cloudinary.store.CloudinaryStore", "OPTIONS": {"PROMOTE_MODE": "none"}}
    settings.UPLOADS = {**settings.UPLOADS, "STORE": backend}
    file_id = driver.store()
    key = driver.file(file_id).store_key
    driver.commit()
    run_jobs()

    assert (driver.file_state(file_id), driver.file(file_id).store_key) == (FileState.PERMANENT, key)
    assert cloud.ids("media/temp_product_files/", "upload") == cloud.ids()
    assert costs(cloud) == {"upload": 1, "explicit": 1}
    api.release([file_id])
    run_jobs()
    assert cloud.ids() == []
