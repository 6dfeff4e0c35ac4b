from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from tests.support.images.pictures import picture
from tests.support.wire.draft_driver import Driver, run_jobs
from tests.verification.races import Races, race
from uploads import spool
from uploads.core.errors import Code, Refusal
from uploads.core.states import FileState
from uploads.drafts import lifecycle
from uploads.files import operations
from uploads.models import File, StoreJob
from uploads.stores.registry import current_store


def refused(call: Callable[[], object]) -> Code:
    with pytest.raises(Refusal) as caught:
        call()
    return caught.value.code


@pytest.fixture
def tab(driver: Driver, process: UUID) -> UUID:
    return driver.connect(process)


# --- Add and resume


def test_a_file_has_its_row_and_key_before_its_first_byte(driver: Driver):
    lease = driver.add("Mug\u202e.jpg")

    file = driver.file(lease.file)
    assert (file.state, file.name, lease.epoch) == (FileState.RECEIVING, "Mug.jpg", 1)
    assert file.store_key == f"{driver.draft.folder}/erp-{lease.file}.jpg"


def test_adding_a_known_file_again_only_renews_the_right_to_send(driver: Driver):
    first = driver.add("mug.jpg")
    second = driver.add("other name.jpg", id=first.file)

    assert (second.epoch, driver.names()) == (2, ["mug.jpg"])


def test_a_draft_holds_a_bounded_number_of_rows_however_often_files_are_added_and_removed(
    driver: Driver, settings: Settings
):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_added_files": 3}}
    for _ in range(3):
        driver.remove(driver.add().file)

    assert refused(driver.add) == Code.TOO_MANY_FILES
    assert File.objects.filter(draft=driver.id).count() == 3


def test_adding_a_finished_file_again_asks_for_no_bytes(driver: Driver):
    file_id = driver.store()
    assert driver.add(id=file_id).epoch is None


def test_a_file_of_another_draft_cannot_be_taken(make_driver: Callable[[], Driver]):
    mine, theirs = make_driver(), make_driver()
    taken = theirs.add().file
    assert refused(lambda: mine.add(id=taken)) == Code.FILE_ID_TAKEN
    assert theirs.file(taken).writer_epoch == 1


def test_a_file_goes_where_it_was_dropped(driver: Driver):
    driver.variants("red")
    first = driver.add("a.jpg").file
    driver.add("b.jpg", after=None)
    driver.add("c.jpg", after=first)
    driver.add("d.jpg")
    driver.add("r.jpg", variant="red")

    assert (driver.names(), driver.names("red")) == (["b.jpg", "a.jpg", "c.jpg", "d.jpg"], ["r.jpg"])


def test_a_refused_place_leaves_no_file(driver: Driver):
    assert refused(lambda: driver.add(after=uuid4())) == Code.UNKNOWN_POSITION
    assert refused(lambda: driver.add(variant="gone")) == Code.UNKNOWN_VARIANT
    assert not File.objects.exists()


def test_the_limits_of_the_draft_count_what_it_holds(driver: Driver, settings):
    size = len(picture())
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_files": 2, "max_draft_bytes": 2 * size + 1}}
    first = driver.store()
    assert refused(lambda: driver.add(size=size + 2)) == Code.DRAFT_FULL
    driver.add()
    assert refused(lambda: driver.add(size=1)) == Code.TOO_MANY_FILES

    driver.remove(first)
    assert refused(lambda: driver.add(size=1)) == Code.TOO_MANY_FILES
    driver.purge(first)
    assert driver.add(size=1).epoch == 1


def test_adds_at_once_never_exceed_the_limit(driver: Driver, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_files": 5}}

    results = race(*[driver.add] * 8)

    assert sum(isinstance(result, operations.WriteLease) for result in results) == 5
    assert {result.code for result in results if isinstance(result, Refusal)} == {Code.TOO_MANY_FILES}
    assert sorted(File.objects.values_list("sequence", flat=True)) == list(range(5))


def test_a_finish_and_a_takeover_have_one_winner(make_driver: Callable[[], Driver], process: UUID, races: Races):
    for _ in races.rounds(300):
        driver = make_driver()
        lease = driver.add(size=5)
        driver.send(lease, b"bytes")
        taking = partial(operations.resume, driver.id, driver.user, lease.file, lease.size, driver.connect(process))

        results = races.race(finish=partial(driver.finish, lease, b"bytes"), takeover=taking)

        finished, taken = results.values()
        if isinstance(finished, Refusal):
            assert (finished.code, taken.epoch) == (Code.SUPERSEDED, 2)
            assert driver.file_state(lease.file) == FileState.RECEIVING
            races.won("takeover")
        else:
            assert taken.epoch is None
            assert StoreJob.objects.filter(file=lease.file).count() == 1
            races.won("finish")
        lifecycle.discard(driver.id, driver.user)


def test_resuming_takes_the_transfer_over(driver: Driver, tab: UUID):
    lease = driver.add()
    taken = operations.resume(driver.id, driver.user, lease.file, lease.size, tab)
    assert (taken.epoch, driver.file(lease.file).writer_id) == (2, tab)


def test_another_file_under_the_same_name_cannot_be_resumed(driver: Driver, tab: UUID):
    lease = driver.add()
    assert (
        refused(lambda: operations.resume(driver.id, driver.user, lease.file, lease.size + 1, tab)) == Code.NOT_POSSIBLE
    )


def test_resuming_a_stored_file_asks_for_no_bytes(driver: Driver, tab: UUID):
    file_id = driver.store()
    assert operations.resume(driver.id, driver.user, file_id, len(picture()), tab).epoch is None


# --- Finish


def test_the_first_finish_asks_for_one_put(driver: Driver):
    file_id = driver.upload()
    operations.finish(driver.id, driver.user, file_id, 1, "")
    assert (driver.file_state(file_id), StoreJob.objects.count()) == (FileState.CHECKING, 1)


def test_a_writer_that_was_replaced_cannot_finish(driver: Driver, tab: UUID):
    lease = driver.add()
    operations.resume(driver.id, driver.user, lease.file, lease.size, tab)
    assert refused(lambda: operations.finish(driver.id, driver.user, lease.file, 1, "")) == Code.SUPERSEDED
    assert driver.file_state(lease.file) == FileState.RECEIVING


# --- Remove, restore, purge


def test_a_writer_that_is_opened_after_the_file_was_stored_leaves_no_spool(driver: Driver):
    content = picture()
    late = driver.add(content=content)
    lease = driver.add(content=content, id=late.file)
    driver.send(lease, content)
    driver.finish(lease, content)
    run_jobs()
    assert late.epoch is not None

    with pytest.raises(Refusal) as refused:
        operations.open_writer(late, late.epoch)

    assert refused.value.code == Code.SUPERSEDED
    assert spool.latest(late.file) is None
    assert driver.file_state(late.file) == FileState.STORED


def test_an_unfinished_file_goes_for_good(driver: Driver):
    lease = driver.add()
    driver.send(lease, picture())
    driver.remove(lease.file)
    run_jobs()
    assert driver.file_state(lease.file) == FileState.DELETED
    assert spool.latest(lease.file) is None


def test_a_stored_file_waits_in_the_tray_with_its_bytes(driver: Driver):
    file_id = driver.store()
    driver.remove(file_id)
    run_jobs()
    assert (driver.file_state(file_id), driver.names()) == (FileState.REMOVED, [])
    assert current_store().exists(driver.file(file_id).store_key)


def test_removing_twice_is_removing_once(driver: Driver):
    file_id = driver.store()
    driver.remove(file_id)
    driver.remove(file_id)
    assert driver.file_state(file_id) == FileState.REMOVED


def test_a_restored_file_stands_where_it_was(driver: Driver):
    first, *_ = driver.store("a.jpg"), driver.store("b.jpg"), driver.store("c.jpg")
    driver.remove(first)
    assert driver.names() == ["b.jpg", "c.jpg"]
    driver.restore(first)
    assert driver.names() == ["a.jpg", "b.jpg", "c.jpg"]


def test_only_a_file_of_the_tray_can_be_restored_or_purged(driver: Driver):
    file_id = driver.store()
    assert refused(lambda: driver.restore(file_id)) == Code.NOT_POSSIBLE
    assert refused(lambda: driver.purge(file_id)) == Code.NOT_POSSIBLE


def test_a_purged_file_is_gone_and_cannot_come_back(driver: Driver):
    file_id = driver.store()
    driver.remove(file_id)
    driver.purge(file_id)
    run_jobs()
    assert not current_store().exists(driver.file(file_id).store_key)
    assert refused(lambda: driver.restore(file_id)) == Code.FILE_NOT_FOUND


def test_a_file_of_another_draft_is_not_found(make_driver: Callable[[], Driver], process: UUID):
    mine, theirs = make_driver(), make_driver()
    file_id, socket_id = theirs.store(), mine.connect(process)
    verbs: list[Callable[[], object]] = [
        lambda: mine.remove(file_id),
        lambda: mine.restore(file_id),
        lambda: mine.purge(file_id),
        lambda: mine.move(file_id, None),
        lambda: operations.describe(mine.id, mine.user, file_id, "text"),
        lambda: operations.finish(mine.id, mine.user, file_id, 1, ""),
        lambda: operations.resume(mine.id, mine.user, file_id, 1, socket_id),
        lambda: operations.retry(mine.id, mine.user, file_id, socket_id),
    ]
    assert [refused(verb) for verb in verbs] == [Code.FILE_NOT_FOUND] * len(verbs)


# --- Reorder, describe


def test_a_file_moves_within_and_between_lists(driver: Driver):
    driver.variants("red")
    a, b = driver.add("a.jpg").file, driver.add("b.jpg").file
    driver.move(a, b)
    assert driver.names() == ["b.jpg", "a.jpg"]
    driver.move(b, None, "red")
    assert (driver.names(), driver.names("red")) == (["a.jpg"], ["b.jpg"])


def test_a_repeated_move_is_answered_but_not_done_again(driver: Driver):
    a, b = driver.add("a.jpg").file, driver.add("b.jpg").file
    first = operations.reorder(driver.id, driver.user, "op", [a], ("main_image", None), b)
    driver.move(a, None)
    assert operations.reorder(driver.id, driver.user, "op", [a], ("main_image", None), b) == first
    assert driver.names() == ["a.jpg", "b.jpg"]


def test_a_file_in_the_tray_has_no_place_to_move_to(driver: Driver):
    file_id = driver.store()
    driver.remove(file_id)
    assert refused(lambda: driver.move(file_id, None)) == Code.NOT_POSSIBLE


def test_several_files_move_together_in_one_step(driver: Driver):
    driver.variants("red")
    a, b, c, d = (driver.add(name).file for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"))
    driver.move([d, b], None)
    assert driver.names() == ["d.jpg", "b.jpg", "a.jpg", "c.jpg"]
    before = driver.draft.revision
    driver.move([c, d, a], None, "red")
    assert (driver.names(), driver.names("red")) == (["b.jpg"], ["c.jpg", "d.jpg", "a.jpg"])
    assert driver.draft.revision == before + 1


def test_of_several_files_all_move_or_none(driver: Driver):
    a, b, gone = (driver.add(name).file for name in ("a.jpg", "b.jpg", "gone.jpg"))
    kept = driver.store()
    driver.remove(gone)
    driver.remove(kept)
    assert refused(lambda: driver.move([b, gone], None)) == Code.STALE
    assert refused(lambda: driver.move([b, kept], None)) == Code.STALE
    assert refused(lambda: driver.move([b, uuid4()], None)) == Code.STALE
    assert refused(lambda: driver.move([b, b], None)) == Code.BAD_MESSAGE
    assert driver.names() == ["a.jpg", "b.jpg"]
    driver.move([b, a], None)
    assert driver.names() == ["b.jpg", "a.jpg"]


def test_moves_at_once_leave_dense_lists_of_all_files(driver: Driver):
    made = [driver.add(f"{number}.jpg").file for number in range(6)]
    for _ in range(10):
        race(*[partial(driver.move, *pair) for pair in zip(made, made[1:] + made[:1], strict=True)])
        assert sorted(File.objects.values_list("sequence", flat=True)) == list(range(6))


def test_an_alternative_text_is_kept_without_its_margins(driver: Driver):
    file_id = driver.add().file
    operations.describe(driver.id, driver.user, file_id, "  A red mug ")
    assert driver.file(file_id).alt_text == "A red mug"


# --- Retry


def test_a_rejected_image_is_asked_for_again(driver: Driver, tab: UUID):
    file_id = driver.upload(content=picture()[:-2000])
    run_jobs()
    lease = operations.retry(driver.id, driver.user, file_id, tab)

    file = driver.file(file_id)
    assert (file.state, file.error_code, lease.epoch) == (FileState.RECEIVING, "", 2)


def test_retrying_a_file_that_is_fine_changes_nothing(driver: Driver, tab: UUID):
    file_id = driver.store()
    assert operations.retry(driver.id, driver.user, file_id, tab).epoch is None
    assert driver.file_state(file_id) == FileState.STORED
