from __future__ import annotations

import json
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.support.stores.stray_objects import Disk, temp_key
from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver, run_jobs
from uploads.core.states import FileState
from uploads.models import File, StoreGeneration, StoreJob


class Ran:
    """Run the command once; return its exit status and output."""

    def __init__(self, *arguments: str) -> None:
        out = StringIO()
        self.status: object = 0
        try:
            call_command("uploads_reconcile", *arguments, stdout=out)
        except SystemExit as exit:
            self.status = exit.code
        self.text = out.getvalue()
        self.lines = self.text.splitlines()


@pytest.fixture
def site(driver: Driver, disk: Disk, service_clock: FakeClock) -> Driver:
    """Twenty stored files of an open draft on a site with an old generation marker."""
    return in_order(driver, disk, service_clock)


def in_order(driver: Driver, disk: Disk, service_clock: FakeClock) -> Driver:
    for _ in range(20):
        driver.shelve()
    disk.date_all()
    assert Ran("--delete").status == 0
    service_clock.skip(7_200)
    return driver


def test_a_site_in_order_is_told_object_by_object_and_exits_with_0(site: Driver):
    ran = Ran()
    assert ran.status == 0
    assert sum(line.endswith("its file has it") for line in ran.lines) == 20
    assert ran.lines[-2:] == [
        "20 kept, 0 young, 0 foreign, 0 orphan, 0 unclaimed, 1 mark, 0 dangling",
        "Nothing was changed; --delete deletes the orphans.",
    ]


def test_without_a_flag_nothing_is_changed(driver: Driver, disk: Disk, service_clock: FakeClock):
    in_order(driver, disk, service_clock)
    disk.plant(temp_key())
    before = disk.keys, File.objects.count(), StoreGeneration.objects.get().generation
    ran = Ran()
    assert ran.status == 1
    assert (disk.keys, File.objects.count(), StoreGeneration.objects.get().generation) == before
    assert not StoreJob.objects.exists()


def test_delete_deletes_and_says_so(site: Driver, disk: Disk):
    key = disk.plant(temp_key())
    ran = Ran("--delete", "-v", "0")
    assert ran.status == 0
    assert ran.lines == [
        f"orphan: '{key}', 7 bytes, made 2023-11-14T00:13:20+00:00: no row names it",
        "20 kept, 0 young, 0 foreign, 1 orphan, 0 unclaimed, 1 mark, 0 dangling",
        "Deletes written, one per image: 1. A server or uploads_sweep carries them out.",
    ]
    run_jobs()
    assert key not in disk.keys


def test_an_image_whose_row_says_deleted_goes_with_its_small_pictures_and_that_is_all(site: Driver, disk: Disk):
    """One delete covers the three objects, which count as one image."""
    file_id = site.store()
    File.objects.filter(pk=file_id).update(state=FileState.DELETED)
    disk.date_all()
    before = len(disk.keys)
    ran = Ran("--delete", "-v", "0")
    assert (ran.status, ran.lines[-1]) == (
        0,
        "Deletes written, one per image: 1. A server or uploads_sweep carries them out.",
    )
    run_jobs()
    assert len(disk.keys) == before - 3


def test_what_nobody_can_mend_from_here_is_told_with_status_1(site: Driver, disk: Disk):
    file_id = site.shelve()
    key = site.file(file_id).store_key
    disk.remove(key)
    stray = disk.plant(f"media/product_files/7/erp-{uuid4()}.jpg")
    ran = Ran("--delete", "-v", "0")
    assert ran.status == 1
    assert ran.lines[1] == f"dangling: file {file_id}, '{key}': a draft's file has no object"
    assert ran.lines[0].startswith(f"unclaimed: '{stray}', 7 bytes, ")
    assert stray in disk.keys


@pytest.mark.parametrize("arguments", [(), ("--delete",)])
def test_a_stop_says_why_and_what_to_do(site: Driver, disk: Disk, arguments: tuple[str, ...]):
    for _ in range(3):
        disk.plant(temp_key())
    ran = Ran(*arguments)
    assert ran.status == 1
    assert ran.lines[-1] == (
        "STOPPED, nothing is deleted: 3 orphaned images beside 20 files are too many to be believed. "
        "If they are meant, run again with --confirm 3."
    )
    assert Ran("--delete", "--confirm", "3").status == 0


def test_objects_the_database_may_have_forgotten_stop_it(site: Driver, disk: Disk):
    disk.plant(temp_key(), age=60)
    ran = Ran("--delete")
    assert ran.status == 1
    assert (
        "1 objects that no row names are newer than this database's last mark (2023-11-14T22:13:20+00:00)" in ran.text
    )
    assert "--trust-database" in ran.text


def test_a_database_that_is_behind_the_store_stops_it(site: Driver, disk: Disk):
    StoreGeneration.objects.all().delete()
    ran = Ran("--delete")
    assert ran.status == 1
    assert "a later database than this one has marked the store" in ran.lines[-1]


def test_a_program_reads_the_same(site: Driver, disk: Disk):
    key = disk.plant(temp_key())
    ran = Ran("--json")
    told = json.loads(ran.text)
    assert ran.status == 1
    assert told["counts"] == {
        "kept": 20, "young": 0, "foreign": 0, "orphan": 1, "unclaimed": 0, "mark": 1, "dangling": 0,
    }  # fmt: skip
    assert [one for one in told["objects"] if one["verdict"] == "orphan"] == [
        {
            "key": key,
            "size": 7,
            "created_at": "2023-11-14T00:13:20+00:00",
            "verdict": "orphan",
            "why": "no row names it",
        }
    ]
    assert (told["stop"], told["deletes"], told["dangling"]) == (None, 0, [])


def test_the_age_window_can_be_moved_but_not_below_what_a_late_put_needs(site: Driver, disk: Disk):
    disk.plant(temp_key(), age=20_000)
    assert "1 orphan" in Ran().text
    assert "1 young" in Ran("--age", "30000").text
    with pytest.raises(CommandError, match="at least 900") as refused:
        Ran("--age", "899")
    assert refused.value.returncode == 2


def test_saved_files_are_left_out_on_demand(site: Driver):
    assert "media/product_files/{target} was left out: not asked for" in Ran("--temp-only").lines


def test_a_store_that_cannot_list_is_told(site: Driver, settings: Settings):
    backend = "tests.verification.simulation_store.SimulatedStore"
    settings.UPLOADS = {**settings.UPLOADS, "STORE": {"BACKEND": backend}}
    with pytest.raises(CommandError, match="cannot") as refused:
        Ran()
    assert refused.value.returncode == 2


def test_a_mark_that_was_not_put_is_told(site: Driver, unreliable_store: UnreliableStore):
    unreliable_store.refuse("put")
    ran = Ran("--delete")
    assert ran.status == 1
    assert ran.lines[-1] == "The store was not marked: put: refused"


def test_names_from_the_store_cannot_forge_a_line(site: Driver, disk: Disk):
    disk.plant("media/temp_product_files/x\norphan: nothing.jpg")
    assert not any(line.startswith("orphan") for line in Ran().lines)
