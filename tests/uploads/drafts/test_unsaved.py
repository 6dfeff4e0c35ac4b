from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver, Host
from uploads import api
from uploads.drafts import form_state, lifecycle, unsaved
from uploads.expiry import sweeper
from uploads.files import operations
from uploads.grace.rules import REQUEST_GRACE_MS
from uploads.models import Draft, File

EDIT = api.Target("product", "7")


def test_a_page_that_was_only_opened_is_no_work(driver: Driver):
    assert api.unsaved(driver.user, PRODUCT.kind) == []


def test_an_image_makes_it_work_and_is_its_picture(driver: Driver):
    first = driver.store("a.jpg")
    driver.store("b.jpg")

    (found,) = api.unsaved(driver.user, PRODUCT.kind)

    assert (found.id, found.target, found.images) == (driver.id, PRODUCT, 2)
    assert str(first) in found.picture


def test_of_what_was_added_and_deleted_nothing_is_read(driver: Driver):
    kept = driver.store("a.jpg")
    gone = driver.store("b.jpg")
    operations.remove(driver.id, driver.user, gone)
    operations.purge(driver.id, driver.user, gone)

    assert [file.pk for file in unsaved._files_of([driver.draft])[driver.id]] == [kept]


def test_text_makes_it_work_and_empty_fields_do_not(driver: Driver):
    form_state.note(driver.id, driver.user, {"title": [""], "price": [" "]})
    assert api.unsaved(driver.user, PRODUCT.kind) == []

    form_state.note(driver.id, driver.user, {"title": ["Mug"], "price": [""]})
    (found,) = api.unsaved(driver.user, PRODUCT.kind)

    assert (found.fields["title"], found.images, found.picture) == (["Mug"], 0, "")


def test_it_is_kept_until_its_deadline(driver: Driver, service_clock: FakeClock):
    driver.store("a.jpg")
    lifecycle.renew(driver.id)
    (found,) = api.unsaved(driver.user, PRODUCT.kind)

    assert found.kept_until is not None
    assert not found.open_elsewhere
    left = found.kept_until - timezone.now()
    assert timedelta(milliseconds=REQUEST_GRACE_MS - 5_000) < left <= timedelta(milliseconds=REQUEST_GRACE_MS)


def test_what_a_tab_has_open_has_no_deadline(driver: Driver, process: UUID):
    driver.store("a.jpg")
    driver.connect(process)
    (found,) = api.unsaved(driver.user, PRODUCT.kind)

    assert (found.open_elsewhere, found.kept_until) == (True, None)


def test_what_a_killed_process_had_open_counts_as_open_until_it_has_a_deadline(
    driver: Driver, process: UUID, service_clock: FakeClock
):
    driver.store("a.jpg")
    driver.connect(process)
    service_clock.advance(60)
    (found,) = api.unsaved(driver.user, PRODUCT.kind)
    assert (found.open_elsewhere, found.kept_until) == (True, None)

    sweeper.sweep()

    (found,) = api.unsaved(driver.user, PRODUCT.kind)
    assert not found.open_elsewhere
    assert found.kept_until is not None


def test_images_are_those_that_are_really_there(driver: Driver):
    driver.store("a.jpg")
    driver.upload("b.jpg")
    driver.add("c.jpg")
    driver.remove(driver.store("d.jpg"))
    (found,) = api.unsaved(driver.user, PRODUCT.kind)
    assert (found.images, found.unfinished, found.own_images) == (2, 1, 4)


def test_what_was_just_left_here_is_not_open_elsewhere(driver: Driver, process: UUID):
    driver.store("a.jpg")
    driver.connect(process)

    (found,) = api.unsaved(driver.user, PRODUCT.kind, just_left=[driver.id])

    assert not found.open_elsewhere
    assert found.kept_until is not None
    assert abs(found.kept_until - timezone.now() - timedelta(seconds=10)) < timedelta(seconds=5)
    driver.connect(process)
    (found,) = api.unsaved(driver.user, PRODUCT.kind, just_left=[driver.id])
    assert found.open_elsewhere


def test_it_says_what_would_be_lost_with_it(driver: Driver):
    first, second = driver.store("a.jpg"), driver.store("b.jpg")
    assert changes(driver) == ()
    driver.move(second, None)
    operations.describe(driver.id, driver.user, first, "A mug")
    driver.variants("red")
    form_state.note(driver.id, driver.user, {"title": ["Mug"]})
    assert changes(driver) == ("text", "variants", "order", "alt_texts")


def changes(driver: Driver) -> tuple[str, ...]:
    (found,) = api.unsaved(driver.user, PRODUCT.kind)
    return found.changes


def test_an_edit_is_work_once_something_was_done_in_it(driver: Driver):
    host = Host()
    driver.store("a.jpg")
    driver.commit(host)
    view = api.open_draft(driver.user, EDIT, attached=lambda: host.plans[0].files)
    assert api.unsaved(driver.user, PRODUCT.kind) == []

    operations.remove(view.id, driver.user, File.objects.get(draft=view.id).pk)

    (found,) = api.unsaved(driver.user, PRODUCT.kind)
    assert (found.target, found.images, found.own_images, found.changes) == (EDIT, 0, 0, ("removals",))


def test_a_description_is_work(driver: Driver):
    host = Host()
    driver.store("a.jpg")
    driver.commit(host)
    view = api.open_draft(driver.user, EDIT, attached=lambda: host.plans[0].files)
    operations.describe(view.id, driver.user, File.objects.get(draft=view.id).pk, "A red mug")

    assert [found.id for found in api.unsaved(driver.user, PRODUCT.kind)] == [view.id]


def test_nobody_sees_anothers_work_nor_what_has_ended(driver: Driver, other_user: User):
    driver.store("a.jpg")

    assert api.unsaved(other_user, PRODUCT.kind) == []
    assert api.unsaved(driver.user, "invoice") == []
    driver.commit()
    assert api.unsaved(driver.user, PRODUCT.kind) == []


@pytest.mark.parametrize("drafts_open", [1, 5])
def test_the_list_costs_the_same_queries_for_any_number(driver: Driver, django_assert_num_queries, drafts_open: int):
    driver.store("a.jpg")
    for _ in range(drafts_open - 1):
        api.open_draft(driver.user, PRODUCT, fresh=True)

    with django_assert_num_queries(4):
        api.unsaved(driver.user, PRODUCT.kind)


def test_of_an_edit_only_what_differs_from_what_is_saved_is_text(driver: Driver):
    saved = {"title": ["Mug"], "variant:v1": ["Red"]}
    edit = Driver(driver.user, api.open_draft(driver.user, EDIT, variants=[("v1", "Red")], values=saved).id)
    for title, is_text in [("Mugs", True), ("Mug", False), ("", True)]:
        form_state.edit(edit.id, edit.user, title or "empty", "page", {"title": (0, (title,))})
        assert form_state.has_changed_fields(edit.draft) == is_text, title


def test_what_a_colleague_saved_is_no_work_of_the_users(driver: Driver):
    saved = {"title": ["Mug"], "variant:v1": ["Red"]}
    edit = api.open_draft(driver.user, EDIT, variants=[("v1", "Red")], values=saved)
    api.find_draft(driver.user, edit.id, EDIT, values={"title": ["Blue mug"], "variant:v1": ["Crimson"]})

    draft = Draft.objects.get(pk=edit.id)

    assert draft.variants == [{"temp_id": "v1", "label": "Crimson"}]
    assert not form_state.has_text(draft)
    assert api.unsaved(driver.user, EDIT.kind) == []
    form_state.edit(edit.id, driver.user, "op", "page", {"variant:v1": (0, ("Scarlet",))})
    assert [found.changes for found in api.unsaved(driver.user, EDIT.kind)] == [("variants",)]
