from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID, uuid4

import pytest
from pytest_django import Settings

from tests.support.images.pictures import picture
from tests.support.wire.desk import Desk, run_jobs
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
def tab(desk: Desk, process: UUID) -> UUID:
    return desk.connect(process)


# --- Add and resume


def test_a_file_has_its_row_and_key_before_its_first_byte(desk: Desk):
    lease = desk.add("Mug\u202e.jpg")

    file = desk.file(lease.file)
    assert (file.state, file.name, lease.epoch) == (FileState.RECEIVING, "Mug.jpg", 1)
    assert file.store_key == f"{desk.draft.folder}/erp-{lease.file}.jpg"


def test_adding_a_known_file_again_only_renews_the_right_to_send(desk: Desk):
    first = desk.add("mug.jpg")
    second = desk.add("other name.jpg", id=first.file)

    assert (second.epoch, desk.names()) == (2, ["mug.jpg"])


def test_a_draft_holds_a_bounded_number_of_rows_however_often_files_are_added_and_removed(
    desk: Desk, settings: Settings
):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_added_files": 3}}
    for _ in range(3):
        desk.remove(desk.add().file)

    assert refused(desk.add) == Code.TOO_MANY_FILES
    assert File.objects.filter(draft=desk.id).count() == 3


def test_adding_a_finished_file_again_asks_for_no_bytes(desk: Desk):
    file_id = desk.store()
    assert desk.add(id=file_id).epoch is None


def test_a_file_of_another_draft_cannot_be_taken(make_desk: Callable[[], Desk]):
    mine, theirs = make_desk(), make_desk()
    taken = theirs.add().file
    assert refused(lambda: mine.add(id=taken)) == Code.FILE_ID_TAKEN
    assert theirs.file(taken).writer_epoch == 1


def test_a_file_goes_where_it_was_dropped(desk: Desk):
    desk.variants("red")
    first = desk.add("a.jpg").file
    desk.add("b.jpg", after=None)
    desk.add("c.jpg", after=first)
    desk.add("d.jpg")
    desk.add("r.jpg", variant="red")

    assert (desk.names(), desk.names("red")) == (["b.jpg", "a.jpg", "c.jpg", "d.jpg"], ["r.jpg"])


def test_a_refused_place_leaves_no_file(desk: Desk):
    assert refused(lambda: desk.add(after=uuid4())) == Code.UNKNOWN_POSITION
    assert refused(lambda: desk.add(variant="gone")) == Code.UNKNOWN_VARIANT
    assert not File.objects.exists()


def test_the_limits_of_the_draft_count_what_it_holds(desk: Desk, settings):
    size = len(picture())
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_files": 2, "max_draft_bytes": 2 * size + 1}}
    first = desk.store()
    assert refused(lambda: desk.add(size=size + 2)) == Code.DRAFT_FULL
    desk.add()
    assert refused(lambda: desk.add(size=1)) == Code.TOO_MANY_FILES

    desk.remove(first)
    assert refused(lambda: desk.add(size=1)) == Code.TOO_MANY_FILES
    desk.purge(first)
    assert desk.add(size=1).epoch == 1


def test_adds_at_once_never_exceed_the_limit(desk: Desk, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_files": 5}}

    results = race(*[desk.add] * 8)

    assert sum(isinstance(result, operations.WriteLease) for result in results) == 5
    assert {result.code for result in results if isinstance(result, Refusal)} == {Code.TOO_MANY_FILES}
    assert sorted(File.objects.values_list("sequence", flat=True)) == list(range(5))


def test_a_finish_and_a_takeover_have_one_winner(make_desk: Callable[[], Desk], process: UUID, races: Races):
    for _ in races.rounds(300):
        desk = make_desk()
        lease = desk.add(size=5)
        desk.send(lease, b"bytes")
        taking = partial(operations.resume, desk.id, desk.user, lease.file, lease.size, desk.connect(process))

        results = races.race(finish=partial(desk.finish, lease, b"bytes"), takeover=taking)

        finished, taken = results.values()
        if isinstance(finished, Refusal):
            assert (finished.code, taken.epoch) == (Code.SUPERSEDED, 2)
            assert desk.file_state(lease.file) == FileState.RECEIVING
            races.won("takeover")
        else:
            assert taken.epoch is None
            assert StoreJob.objects.filter(file=lease.file).count() == 1
            races.won("finish")
        lifecycle.discard(desk.id, desk.user)


def test_resuming_takes_the_transfer_over(desk: Desk, tab: UUID):
    lease = desk.add()
    taken = operations.resume(desk.id, desk.user, lease.file, lease.size, tab)
    assert (taken.epoch, desk.file(lease.file).writer_id) == (2, tab)


def test_another_file_under_the_same_name_cannot_be_resumed(desk: Desk, tab: UUID):
    lease = desk.add()
    assert refused(lambda: operations.resume(desk.id, desk.user, lease.file, lease.size + 1, tab)) == Code.NOT_POSSIBLE


def test_resuming_a_stored_file_asks_for_no_bytes(desk: Desk, tab: UUID):
    file_id = desk.store()
    assert operations.resume(desk.id, desk.user, file_id, len(picture()), tab).epoch is None


# --- Finish


def test_the_first_finish_asks_for_one_put(desk: Desk):
    file_id = desk.upload()
    operations.finish(desk.id, desk.user, file_id, 1, "")
    assert (desk.file_state(file_id), StoreJob.objects.count()) == (FileState.CHECKING, 1)


def test_a_writer_that_was_replaced_cannot_finish(desk: Desk, tab: UUID):
    lease = desk.add()
    operations.resume(desk.id, desk.user, lease.file, lease.size, tab)
    assert refused(lambda: operations.finish(desk.id, desk.user, lease.file, 1, "")) == Code.SUPERSEDED
    assert desk.file_state(lease.file) == FileState.RECEIVING


# --- Remove, restore, purge


def test_a_writer_that_is_opened_after_the_file_was_stored_leaves_no_spool(desk: Desk):
    content = picture()
    late = desk.add(content=content)
    lease = desk.add(content=content, id=late.file)
    desk.send(lease, content)
    desk.finish(lease, content)
    run_jobs()
    assert late.epoch is not None

    with pytest.raises(Refusal) as refused:
        operations.open_writer(late, late.epoch)

    assert refused.value.code == Code.SUPERSEDED
    assert spool.latest(late.file) is None
    assert desk.file_state(late.file) == FileState.STORED


def test_an_unfinished_file_goes_for_good(desk: Desk):
    lease = desk.add()
    desk.send(lease, picture())
    desk.remove(lease.file)
    run_jobs()
    assert desk.file_state(lease.file) == FileState.DELETED
    assert spool.latest(lease.file) is None


def test_a_stored_file_waits_in_the_tray_with_its_bytes(desk: Desk):
    file_id = desk.store()
    desk.remove(file_id)
    run_jobs()
    assert (desk.file_state(file_id), desk.names()) == (FileState.REMOVED, [])
    assert current_store().exists(desk.file(file_id).store_key)


def test_removing_twice_is_removing_once(desk: Desk):
    file_id = desk.store()
    desk.remove(file_id)
    desk.remove(file_id)
    assert desk.file_state(file_id) == FileState.REMOVED


def test_a_restored_file_stands_where_it_was(desk: Desk):
    first, *_ = desk.store("a.jpg"), desk.store("b.jpg"), desk.store("c.jpg")
    desk.remove(first)
    assert desk.names() == ["b.jpg", "c.jpg"]
    desk.restore(first)
    assert desk.names() == ["a.jpg", "b.jpg", "c.jpg"]


def test_only_a_file_of_the_tray_can_be_restored_or_purged(desk: Desk):
    file_id = desk.store()
    assert refused(lambda: desk.restore(file_id)) == Code.NOT_POSSIBLE
    assert refused(lambda: desk.purge(file_id)) == Code.NOT_POSSIBLE


def test_a_purged_file_is_gone_and_cannot_come_back(desk: Desk):
    file_id = desk.store()
    desk.remove(file_id)
    desk.purge(file_id)
    run_jobs()
    assert not current_store().exists(desk.file(file_id).store_key)
    assert refused(lambda: desk.restore(file_id)) == Code.FILE_NOT_FOUND


def test_a_file_of_another_draft_is_not_found(make_desk: Callable[[], Desk], process: UUID):
    mine, theirs = make_desk(), make_desk()
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


def test_a_file_moves_within_and_between_lists(desk: Desk):
    desk.variants("red")
    a, b = desk.add("a.jpg").file, desk.add("b.jpg").file
    desk.move(a, b)
    assert desk.names() == ["b.jpg", "a.jpg"]
    desk.move(b, None, "red")
    assert (desk.names(), desk.names("red")) == (["a.jpg"], ["b.jpg"])


def test_a_repeated_move_is_answered_but_not_done_again(desk: Desk):
    a, b = desk.add("a.jpg").file, desk.add("b.jpg").file
    first = operations.reorder(desk.id, desk.user, "op", [a], ("main_image", None), b)
    desk.move(a, None)
    assert operations.reorder(desk.id, desk.user, "op", [a], ("main_image", None), b) == first
    assert desk.names() == ["a.jpg", "b.jpg"]


def test_a_file_in_the_tray_has_no_place_to_move_to(desk: Desk):
    file_id = desk.store()
    desk.remove(file_id)
    assert refused(lambda: desk.move(file_id, None)) == Code.NOT_POSSIBLE


def test_several_files_move_together_in_one_step(desk: Desk):
    desk.variants("red")
    a, b, c, d = (desk.add(name).file for name in ("a.jpg", "b.jpg", "c.jpg", "d.jpg"))
    desk.move([d, b], None)
    assert desk.names() == ["d.jpg", "b.jpg", "a.jpg", "c.jpg"]
    before = desk.draft.revision
    desk.move([c, d, a], None, "red")
    assert (desk.names(), desk.names("red")) == (["b.jpg"], ["c.jpg", "d.jpg", "a.jpg"])
    assert desk.draft.revision == before + 1


def test_of_several_files_all_move_or_none(desk: Desk):
    a, b, gone = (desk.add(name).file for name in ("a.jpg", "b.jpg", "gone.jpg"))
    kept = desk.store()
    desk.remove(gone)
    desk.remove(kept)
    assert refused(lambda: desk.move([b, gone], None)) == Code.STALE
    assert refused(lambda: desk.move([b, kept], None)) == Code.STALE
    assert refused(lambda: desk.move([b, uuid4()], None)) == Code.STALE
    assert refused(lambda: desk.move([b, b], None)) == Code.BAD_MESSAGE
    assert desk.names() == ["a.jpg", "b.jpg"]
    desk.move([b, a], None)
    assert desk.names() == ["b.jpg", "a.jpg"]


def test_moves_at_once_leave_dense_lists_of_all_files(desk: Desk):
    made = [desk.add(f"{number}.jpg").file for number in range(6)]
    for _ in range(10):
        race(*[partial(desk.move, *pair) for pair in zip(made, made[1:] + made[:1], strict=True)])
        assert sorted(File.objects.values_list("sequence", flat=True)) == list(range(6))


def test_an_alternative_text_is_kept_without_its_margins(desk: Desk):
    file_id = desk.add().file
    operations.describe(desk.id, desk.user, file_id, "  A red mug ")
    assert desk.file(file_id).alt_text == "A red mug"


# --- Retry


def test_a_rejected_image_is_asked_for_again(desk: Desk, tab: UUID):
    file_id = desk.upload(content=picture()[:-2000])
    run_jobs()
    lease = operations.retry(desk.id, desk.user, file_id, tab)

    file = desk.file(file_id)
    assert (file.state, file.error_code, lease.epoch) == (FileState.RECEIVING, "", 2)


def test_retrying_a_file_that_is_fine_changes_nothing(desk: Desk, tab: UUID):
    file_id = desk.store()
    assert operations.retry(desk.id, desk.user, file_id, tab).epoch is None
    assert desk.file_state(file_id) == FileState.STORED
