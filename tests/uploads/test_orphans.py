"""Deleting orphans: exactly those, never on a doubt, and never what somebody wants again by then."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.core import serializers
from django.db import transaction

from tests.support.desk import Desk, run_jobs
from tests.support.planted_objects import DAY, FOLDER, Disk, temp_key
from tests.support.service_clock import FakeClock
from tests.support.unreliable_store import UnreliableStore
from uploads import drafts, files, sweeper
from uploads.core.errors import Refusal
from uploads.core.reconcile import AGE_MS, Stop, Verdict, Why
from uploads.core.states import DraftState, FileState
from uploads.files import Claim
from uploads.models import Draft, File, StoreJob, StoreMark
from uploads.orphans import Cleaned, clean
from uploads.reconcile import Examined, examine
from uploads.stores.registry import store

LATER = 7_200
"""Seconds after which nothing is young any more."""


@pytest.fixture
def disk(service_clock: FakeClock) -> Disk:
    return Disk(service_clock)


@pytest.fixture
def marked(desk: Desk, disk: Disk, service_clock: FakeClock) -> None:
    """A site that was marked two hours ago, with fifty saved files: a few orphans are no alarm."""
    for _ in range(50):
        desk.shelve()
    desk.commit()
    run_jobs()
    done = run(disk)
    assert done.marked
    run_jobs()
    service_clock.skip(LATER)


def run(disk: Disk, **options) -> Cleaned:
    """One run that deletes; what it wrote is not carried out yet."""
    return clean(look(disk), **options)


def look(disk: Disk) -> Examined:
    return examine(age_ms=AGE_MS)


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    told = [json.loads(record.message) for record in caplog.records if record.levelno == logging.ERROR]
    return [facts["reason"] for facts in told if facts["event"] == "reconcile_stopped"]


def marks(disk: Disk) -> list[str]:
    return sorted(key for key in disk.keys if "/erp_mark/" in key)


def test_two_hundred_orphans_go_and_nothing_else(
    desk: Desk, make_desk: Callable[[], Desk], disk: Disk, service_clock: FakeClock, user
):
    saved = [desk.shelve() for _ in range(30)]
    desk.commit()
    run_jobs()
    live, deleted = make_desk(), make_desk()
    waiting = [live.shelve() for _ in range(20)]
    live.remove(waiting[0])
    gone = [deleted.file(deleted.shelve()).store_key for _ in range(70)]
    drafts.discard(deleted.id, user)
    run_jobs()
    disk.date_all()
    for file_id in waiting[10:15]:
        disk.remove(live.file(file_id).store_key)
    others = disk.keys | {
        *(disk.plant(temp_key("shop")) for _ in range(25)),
        *(disk.plant(f"{FOLDER}/{n}.jpg") for n in range(25)),
        disk.plant("media/banners/erp-summer.jpg"),
        disk.plant(f"media/product_files/7/erp-{uuid4()}.jpg"),
    }
    for key in gone:
        disk.plant(key)
    for file_id in saved:
        disk.plant(temp_key(file=file_id))
    for _ in range(100):
        disk.plant(temp_key())
    rows = set(File.objects.values_list("pk", "state", "store_key"))

    done = run(disk, trust=True, confirmed=200)
    run_jobs()

    assert (done.deletes, done.stop) == (200, None)
    assert disk.keys - {*marks(disk)} == others
    adopted = File.objects.filter(draft__end_reason="orphan")
    assert adopted.count() == 100
    assert set(File.objects.difference(adopted).values_list("pk", "state", "store_key")) == rows
    assert not StoreJob.objects.exists()
    assert run(disk).deletes == 0


def test_an_orphan_without_a_row_gets_one_before_its_delete_and_goes_like_every_file(
    marked: None, disk: Disk, service_clock: FakeClock
):
    key = disk.plant(temp_key())

    assert run(disk).deletes == 1
    file = File.objects.get(store_key=key)
    assert (file.state, file.draft.state) == (FileState.DELETING, DraftState.EXPIRING)
    assert key in disk.keys
    # Until it is carried out it is found no second time.
    assert run(disk).deletes == 0

    run_jobs()
    file.refresh_from_db()
    assert (file.state, file.draft.state) == (FileState.DELETED, DraftState.EXPIRED)
    assert key not in disk.keys


def test_a_delete_that_the_store_refuses_is_tried_again(
    marked: None, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    key = disk.plant(temp_key())
    unreliable_store.refuse("destroy")
    run(disk)
    run_jobs()
    assert key in disk.keys
    service_clock.advance(10)
    run_jobs()
    assert key not in disk.keys


def test_the_rows_of_orphans_are_tidied_as_those_of_other_drafts(marked: None, disk: Disk):
    disk.plant(temp_key())
    run(disk)
    run_jobs()
    orphans = Draft.objects.filter(end_reason="orphan")
    orphans.update(ended_at="2001-01-01T00:00:00Z")
    sweeper.tidy()
    assert not orphans.exists()


def test_nobody_can_upload_under_the_id_of_an_orphan_that_goes(marked: None, disk: Disk, make_desk):
    """Its delete could come after the new bytes."""
    file_id = uuid4()
    disk.plant(temp_key(file=file_id))
    run(disk)
    desk = make_desk()
    with pytest.raises(Refusal, match="id"):
        desk.add(id=file_id)


def test_an_id_that_was_taken_after_the_look_keeps_its_object(marked: None, disk: Disk, make_desk):
    desk = make_desk()
    file_id = uuid4()
    key = disk.plant(temp_key(file=file_id, folder=desk.draft.folder))
    found = look(disk)
    files.add(desk.id, desk.user, Claim(id=file_id, name="a.jpg", size=7, content_type="image/jpeg"), None)

    assert clean(found).deletes == 0
    run_jobs()

    assert key in disk.keys
    assert desk.file_state(file_id) == FileState.RECEIVING


@pytest.mark.parametrize("times", [1, 2])
def test_of_runs_at_once_each_orphan_is_one_runs(marked: None, disk: Disk, times: int):
    disk.plant(temp_key())
    looks = [look(disk) for _ in range(times)]
    done = [clean(found) for found in looks]
    run_jobs()
    assert [one.deletes for one in done] == [1, 0][:times]
    assert [one.marked for one in done] == [True, False][:times]
    assert len(marks(disk)) == 1


def test_the_delete_of_a_file_that_is_promoted_after_the_look_takes_no_saved_object(
    desk: Desk, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    """What was judged is judged again, as things stand by then."""
    file_id = desk.store()
    desk.commit()
    disk.date_all()
    found = look(disk)
    temp = desk.file(file_id).store_key
    run_jobs()
    clean(found)
    run_jobs()
    assert desk.file_state(file_id) == FileState.PERMANENT
    assert store().exists(desk.file(file_id).store_key)
    assert temp not in disk.keys


def test_what_was_an_orphan_at_the_look_is_judged_again(
    desk: Desk, disk: Disk, service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    """Here the file is wanted again; no code does that, but a row might be mended by hand."""
    for _ in range(10):
        desk.shelve()
    file_id = desk.store()
    disk.date_all()
    File.objects.filter(pk=file_id).update(state=FileState.DELETED)
    found = look(disk)
    assert [one.why for one in found.of(Verdict.ORPHAN)] == [Why.DELETED]
    File.objects.filter(pk=file_id).update(state=FileState.STORED)

    assert clean(found).deletes == 0
    run_jobs()
    assert store().exists(desk.file(file_id).store_key)


def test_an_expiry_after_the_look_is_deleted_once(desk: Desk, disk: Disk, service_clock: FakeClock):
    desk.store()
    disk.date_all()
    found = look(disk)
    desk.expire(service_clock)
    assert clean(found).deletes == 0
    assert StoreJob.objects.count() == 1
    run_jobs()
    assert desk.state == DraftState.EXPIRED


# --- Reasons to stop


class Copy:
    """The rows of `uploads` as they were at one moment."""

    def __init__(self) -> None:
        self._models = list(apps.get_app_config("draft_uploads").get_models())
        rows = [row for model in self._models for row in model._base_manager.order_by("pk")]
        self._text = serializers.serialize("json", rows)

    def erase(self) -> None:
        with transaction.atomic():
            for model in reversed(self._models):
                model._base_manager.all()._raw_delete(using="default")

    def restore(self) -> None:
        with transaction.atomic():
            self.erase()
            for row in serializers.deserialize("json", self._text):
                row.save()


def upload_after(make_desk: Callable[[], Desk], disk: Disk, count: int = 3) -> set[str]:
    """Files that are uploaded now, which a copy made before does not know."""
    desk = make_desk()
    before = disk.keys
    for _ in range(count):
        desk.shelve()
    new = disk.keys - before
    for key in new:
        disk.date(key, 0)
    return new


def test_a_restored_older_database_deletes_nothing_and_alarms(
    marked: None, make_desk, disk: Disk, service_clock: FakeClock, caplog
):
    backup = Copy()
    good = upload_after(make_desk, disk)
    service_clock.skip(DAY)
    # A later run, of which the copy does not know, either.
    assert run(disk).marked
    run_jobs()
    service_clock.skip(DAY)
    backup.restore()
    before = disk.keys

    done = run(disk)
    run_jobs()

    assert (done.deletes, done.stop, done.marked) == (0, Stop.RESTORED, False)
    assert alarms(caplog) == ["restored"]
    assert disk.keys == before
    assert good <= before


def test_a_restored_database_is_noticed_by_its_forgotten_files_where_no_run_was_between(
    marked: None, make_desk, disk: Disk, service_clock: FakeClock, caplog
):
    backup = Copy()
    good = upload_after(make_desk, disk)
    service_clock.skip(DAY)
    backup.restore()

    # However often it is tried: without a mark there is no progress by which they would become old.
    for _ in range(3):
        done = run(disk)
        assert (done.deletes, done.stop, done.marked) == (0, Stop.UNNAMED, False)
        service_clock.skip(DAY)
    run_jobs()

    assert alarms(caplog) == ["unnamed"] * 3
    assert good <= disk.keys


def test_a_restored_database_is_noticed_at_once_when_its_forgotten_files_are_young(
    marked: None, make_desk, disk: Disk, service_clock: FakeClock
):
    """A mark that was set now would make them look older than it tomorrow."""
    backup = Copy()
    good = upload_after(make_desk, disk)
    backup.restore()
    assert run(disk).stop is Stop.UNNAMED
    service_clock.skip(DAY)
    assert run(disk).stop is Stop.UNNAMED
    run_jobs()
    assert good <= disk.keys


def test_an_empty_database_on_a_used_store_deletes_nothing(marked: None, disk: Disk, service_clock: FakeClock):
    before = disk.keys
    Copy().erase()
    assert run(disk).stop is Stop.RESTORED
    run_jobs()
    assert disk.keys == before


def test_a_site_that_was_never_marked_deletes_nothing_that_no_row_names(desk: Desk, disk: Disk, caplog):
    for _ in range(50):
        desk.shelve()
    disk.date_all()
    key = disk.plant(temp_key())
    assert run(disk).stop is Stop.UNNAMED
    assert alarms(caplog) == ["unnamed"]
    assert key in disk.keys


def test_an_operator_who_trusts_the_database_goes_on(marked: None, make_desk, disk: Disk, service_clock: FakeClock):
    backup = Copy()
    forgotten = upload_after(make_desk, disk)
    service_clock.skip(DAY)
    run(disk)
    service_clock.skip(DAY)
    backup.restore()

    done = run(disk, trust=True)
    run_jobs()

    assert (done.deletes, done.marked) == (3, True)
    assert not forgotten & disk.keys
    # And is believed from then on.
    assert run(disk).stop is None


@pytest.mark.parametrize("confirmed", [0, 9, 10])
def test_too_many_orphans_are_deleted_only_when_so_many_are_meant(marked: None, disk: Disk, caplog, confirmed: int):
    keys = {disk.plant(temp_key()) for _ in range(10)}

    done = run(disk, confirmed=confirmed)
    run_jobs()

    stopped = confirmed < 10
    assert done.stop is (Stop.TOO_MANY if stopped else None)
    assert (keys <= disk.keys) is stopped
    assert alarms(caplog) == (["too_many"] if stopped else [])


# --- The mark


def test_a_run_replaces_the_mark_by_one_put_and_one_delete(
    marked: None, disk: Disk, unreliable_store: UnreliableStore, service_clock: FakeClock
):
    before = marks(disk)
    assert run(disk).marked
    run_jobs()
    after = marks(disk)
    assert (len(before), len(after)) == (1, 1)
    assert before != after
    assert dict(unreliable_store.calls) == {"put": 1, "destroy": 1}
    assert StoreMark.objects.get().counter == 2


def test_a_look_sets_no_mark(desk: Desk, disk: Disk):
    look(disk)
    assert (marks(disk), StoreMark.objects.count()) == ([], 0)


def test_a_mark_that_could_not_be_put_is_made_up_for_by_the_next_run(
    marked: None, disk: Disk, unreliable_store: UnreliableStore
):
    unreliable_store.refuse("put")
    done = run(disk)
    assert (done.marked, done.trouble) == (False, "put: refused")
    # The old one is still there: the store is never without.
    assert len(marks(disk)) == 1

    assert run(disk).marked
    run_jobs()
    assert len(marks(disk)) == 1
    assert StoreMark.objects.get().counter == 3


def test_a_listing_that_was_cut_short_sets_no_mark_but_what_is_known_to_be_old_goes(marked: None, disk: Disk):
    """What nobody saw may be something that was forgotten."""
    key = disk.plant(temp_key())
    found = look(disk)
    found.cut["media/temp_product_files/"] = "enough"
    done = clean(found)
    run_jobs()
    assert (done.deletes, done.marked) == (1, False)
    assert key not in disk.keys
    assert StoreMark.objects.get().counter == 1


def test_the_ids_of_marks_are_no_files(marked: None, disk: Disk):
    run(disk)
    run_jobs()
    mark = StoreMark.objects.get()
    assert mark.token is not None
    assert not File.objects.filter(pk=UUID(str(mark.token))).exists()
