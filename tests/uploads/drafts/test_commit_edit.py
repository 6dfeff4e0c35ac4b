"""Saving an edited product, and releasing its files."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from tests.support.images.photos import photo_taken
from tests.support.wire.draft_driver import Driver, Host, run_jobs
from uploads import api
from uploads.core.ordering import MAIN
from uploads.core.states import FileState
from uploads.drafts import lists
from uploads.drafts.commit import planned, release
from uploads.drafts.merge import PlannedFile
from uploads.files import operations
from uploads.models import Draft, File, StoreJob
from uploads.permissions import Target
from uploads.stores.registry import current_store


def files_of(host: Host) -> list[PlannedFile]:
    """What the product shows after the last save, as the host would read it for the next edit."""
    kept = host.plans[-1].files
    return [PlannedFile(**{f: getattr(file, f) for f in file.__struct_fields__} | {"is_new": False}) for file in kept]


@pytest.fixture
def edit(driver: Driver, user) -> Callable[..., Driver]:
    """Opens a host's saved product for editing, in a new draft."""

    def open_edit(host: Host) -> Driver:
        target = Target("product", host.target_id)
        return Driver(user, api.open_draft(user, target, fresh=True, attached=lambda: files_of(host)).id)

    return open_edit


def names(files) -> list[str]:
    return [file.name for file in files]


# --- Editing a product


def test_an_edit_starts_with_the_products_files_as_references(driver: Driver, edit: Callable[[Host], Driver]):
    host = Host()
    file_id = driver.store("a.jpg", photo_taken())
    driver.store("b.jpg")
    driver.commit(host)

    edited = edit(host)

    first = edited.file(lists.read(edited.draft)[MAIN][0])
    assert edited.names() == ["a.jpg", "b.jpg"]
    assert (first.state, first.source_id, first.store_key) == (FileState.ATTACHED, file_id, "")
    facts = ("size", "sha256", "width", "height", "taken_at")
    assert [getattr(first, fact) for fact in facts] == [getattr(driver.file(file_id), fact) for fact in facts]
    assert (planned(first).file, first.width, bool(first.taken_at)) == (file_id, 96, True)


def test_a_thrown_away_edit_leaves_the_product_alone(driver: Driver, edit: Callable[[Host], Driver]):
    host = Host()
    file_id = driver.store()
    driver.commit(host)
    run_jobs()
    edited = edit(host)
    new = edited.store("new.jpg")

    api.discard(edited.user, edited.id)
    run_jobs()

    assert edited.state == "expired"
    assert edited.file_state(new) == FileState.DELETED
    assert current_store().exists(driver.file(file_id).store_key)
    assert driver.file_state(file_id) == FileState.PERMANENT


def test_a_saved_edit_names_what_it_lets_go_and_deletes_nothing_itself(driver: Driver, edit: Callable[[Host], Driver]):
    host = Host()
    gone, kept = driver.store("a.jpg"), driver.store("b.jpg")
    driver.commit(host)
    run_jobs()
    edited = edit(host)
    new = edited.store("new.jpg", after=None)
    edited.remove(File.objects.get(draft=edited.id, source=gone).pk)
    edited.commit(host, files_of(host))
    run_jobs()

    plan = host.plans[-1]
    assert ([file.file for file in plan.files], plan.detached) == ([new, kept], (gone,))
    assert [file.is_new for file in plan.files] == [True, False]
    assert driver.file_state(gone) == FileState.PERMANENT
    assert not File.objects.filter(draft=edited.id).exclude(source=None).exists()


def test_two_edits_of_one_product_keep_each_others_work(driver: Driver, edit: Callable[[Host], Driver]):
    host = Host()
    first, second = driver.store("1.jpg"), driver.store("2.jpg")
    driver.commit(host)
    mine, theirs = edit(host), edit(host)
    mine.remove(File.objects.get(draft=mine.id, source=first).pk)
    mine.store("mine.jpg")
    theirs.remove(File.objects.get(draft=theirs.id, source=second).pk)
    theirs.store("theirs.jpg")

    theirs.commit(host, files_of(host))
    mine.commit(host, files_of(host))

    assert names(host.plans[-1].files) == ["mine.jpg", "theirs.jpg"]


def test_an_edit_that_left_a_description_alone_keeps_what_others_wrote(driver: Driver, edit: Callable[[Host], Driver]):
    host = Host()
    file_id = driver.store("1.jpg")
    driver.commit(host)
    mine, theirs = edit(host), edit(host)
    operations.describe(theirs.id, theirs.user, File.objects.get(draft=theirs.id, source=file_id).pk, "A red mug")
    mine.store("mine.jpg")

    theirs.commit(host, files_of(host))
    mine.commit(host, files_of(host))

    assert [file.alt_text for file in host.plans[-1].files] == ["A red mug", ""]


# --- Release


def test_released_files_are_deleted_with_their_permanent_objects(driver: Driver):
    file_id = driver.store()
    driver.commit()
    run_jobs()

    assert release([file_id]) == 1
    run_jobs()

    assert driver.file_state(file_id) == FileState.DELETED
    assert not current_store().exists(driver.file(file_id).store_key)
    assert release([file_id]) == 0


@pytest.mark.parametrize("state", sorted(set(FileState) - {FileState.LINKED, FileState.PERMANENT}))
def test_only_files_of_a_product_can_be_released(driver: Driver, state: FileState):
    file_id = driver.add().file
    File.objects.filter(pk=file_id).update(state=state)
    assert release([file_id]) == 0
    assert not StoreJob.objects.exists()


def test_a_released_file_leaves_an_open_edit_whose_other_files_close_the_ranks(
    driver: Driver, edit: Callable[[Host], Driver]
):
    host = Host()
    released = driver.store("a.jpg")
    driver.store("b.jpg")
    driver.commit(host)
    edited = edit(host)
    before = edited.draft.revision

    release([released])

    assert edited.names() == ["b.jpg"]
    assert list(File.objects.filter(draft=edited.id).values_list("sequence", flat=True)) == [0]
    assert edited.draft.revision > before


def test_a_release_that_is_rolled_back_deletes_nothing(driver: Driver):
    file_id = driver.store()
    driver.commit()
    with transaction.atomic():
        release([file_id])
        transaction.set_rollback(True)
    run_jobs()
    assert driver.file_state(file_id) == FileState.PERMANENT
    assert current_store().exists(driver.file(file_id).store_key)


def test_the_database_itself_refuses_to_delete_a_reference(driver: Driver, edit: Callable[[Host], Driver]):
    host = Host()
    driver.store()
    driver.commit(host)
    edited = edit(host)
    with pytest.raises(IntegrityError):
        File.objects.filter(draft=edited.id).update(state=FileState.DELETING)
    assert Draft.objects.get(pk=edited.id).state == "grace"
