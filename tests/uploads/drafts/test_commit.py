from __future__ import annotations

from uuid import UUID

import pytest

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from uploads import api
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts.commit import FilesUnfinished, committing
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.models import CommitRecord, File, StoreJob
from uploads.stores.registry import current_store


def names(files) -> list[str]:
    return [file.name for file in files]


# --- A new product


def test_the_host_links_the_lists_in_the_users_order(driver: Driver):
    driver.variants("red", "blue")
    a = driver.store("a.jpg")
    driver.store("b.jpg", after=None)
    red = driver.store("red.jpg", variant="red")
    host = Host()

    linked = driver.commit(host)

    plan = host.plans[0]
    assert names(plan.main_images()) == ["b.jpg", "a.jpg"]
    assert [file.is_primary for file in plan.main_images()] == [True, False]
    assert [file.file for file in plan.variant_images()["red"]] == [red]
    assert plan.variants == (("red", "Red"), ("blue", "Blue"))
    assert linked.url == "/products/7/"
    assert (driver.state, driver.draft.ended_by, driver.file_state(a)) == ("committed", "ada", FileState.LINKED)


def test_a_saved_image_is_shown_from_our_own_address_until_it_has_moved(driver: Driver):
    file_id = driver.store()
    host = Host()
    driver.commit(host)

    assert host.plans[0].files[0].url == f"/uploads/file/{file_id}/"
    assert api.file_url(file_id) == f"/uploads/file/{file_id}/"
    run_jobs()
    assert api.file_url(file_id) == f"/{driver.file(file_id).store_key}"


def test_what_was_left_in_the_tray_is_deleted_with_the_save(driver: Driver):
    kept, removed, rejected = driver.store("a.jpg"), driver.store("b.jpg"), driver.upload("c.jpg", b"no image")
    driver.remove(removed)
    run_jobs()
    host = Host()
    driver.commit(host)
    run_jobs()

    assert names(host.plans[0].files) == ["a.jpg"]
    assert [driver.file_state(file) for file in (kept, removed, rejected)] == ["permanent", "deleted", "deleted"]
    assert not current_store().exists(driver.file(removed).store_key)


@pytest.mark.parametrize("state", [FileState.RECEIVING, FileState.CHECKING, FileState.STORING])
def test_an_unfinished_file_stops_the_save_and_is_named(driver: Driver, state: FileState):
    driver.store("done.jpg")
    unfinished = driver.add("late.jpg").file
    File.objects.filter(pk=unfinished).update(state=state)
    host = Host()

    with pytest.raises(FilesUnfinished) as refused:
        driver.commit(host)

    assert refused.value.code == Code.FILES_UNFINISHED
    assert (refused.value.files, refused.value.names) == ((unfinished,), ("late.jpg",))
    assert (host.plans, driver.state) == ([], "grace")


def test_a_save_without_the_unfinished_files_leaves_nothing_of_them(driver: Driver):
    kept, unfinished = driver.store("a.jpg"), driver.upload("b.jpg")
    host = Host()
    driver.commit(host, without=[unfinished])
    run_jobs()

    assert [file.file for file in host.plans[0].files] == [kept]
    assert driver.file_state(unfinished) == FileState.DELETED
    assert not current_store().exists(driver.file(unfinished).store_key)


def test_only_unfinished_files_can_be_left_out(driver: Driver):
    file_id = driver.store()
    host = Host()
    driver.commit(host, without=[file_id])
    assert [file.file for file in host.plans[0].files] == [file_id]


# --- Exactly once


def test_a_second_save_learns_the_products_page(driver: Driver):
    host = Host()
    driver.commit(host)
    with pytest.raises(AlreadyCommitted) as refused:
        driver.commit(host)
    assert (refused.value.url, len(host.plans)) == ("/products/7/", 1)


def test_a_lost_draft_cannot_be_saved(driver: Driver, service_clock: FakeClock):
    driver.store("front.jpg")
    driver.expire(service_clock)
    with pytest.raises(DraftGone) as refused:
        driver.commit()
    assert (refused.value.code, refused.value.names) == (Code.DRAFT_EXPIRED, ("front.jpg",))


def test_a_foreign_draft_cannot_be_saved(driver: Driver, other_user):
    with pytest.raises(Refusal) as refused, committing(driver.id, other_user):
        pass
    assert refused.value.code == Code.DRAFT_NOT_FOUND


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_a_save_that_fails_leaves_the_draft_as_it_was(driver: Driver, when: str):
    file_id = driver.store()

    def link(_plan):
        raise ZeroDivisionError

    def save() -> None:
        with committing(driver.id, driver.user) as saving:
            if when != "before":
                saving.apply([], link if when == "while" else Host().link)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        save()

    assert (driver.state, driver.file_state(file_id)) == ("grace", FileState.STORED)
    assert not StoreJob.objects.exists()
    assert not CommitRecord.objects.exists()
    assert driver.commit().url == "/products/7/"


def test_an_invalid_form_leaves_the_draft_open_for_the_next_try(driver: Driver):
    with committing(driver.id, driver.user):
        pass
    assert driver.state == "grace"
    assert driver.commit().url == "/products/7/"


def test_the_permanent_folder_is_named_after_the_product(driver: Driver, settings):
    settings.UPLOADS = {**settings.UPLOADS, "PERMANENT_FOLDER": "shop/{target}/images"}
    key: UUID = driver.store()
    driver.commit(Host("42"))
    run_jobs()
    assert driver.file(key).store_key == f"shop/42/images/erp-{key}.jpg"
