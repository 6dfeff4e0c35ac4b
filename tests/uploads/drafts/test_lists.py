from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.wire.draft_driver import Driver
from uploads.core import ordering
from uploads.core.errors import Code, Refusal
from uploads.core.ordering import MAIN
from uploads.core.states import FileState
from uploads.drafts import lists
from uploads.models import File


def test_only_files_that_stand_in_a_list_are_read(driver: Driver):
    kept = driver.add("kept.jpg").file
    for state in (FileState.REMOVED, FileState.DELETING, FileState.DELETED):
        File.objects.filter(pk=driver.add().file).update(state=state)
    assert lists.read(driver.draft) == {MAIN: [kept]}


def test_what_is_written_is_read_back(driver: Driver):
    driver.variants("red")
    a, b, c = (driver.add(f"{name}.jpg").file for name in "abc")
    order = {MAIN: [c, a], ("variant_image", "red"): [b]}
    lists.write(driver.draft, order)
    assert lists.read(driver.draft) == order


def test_writing_what_is_there_writes_nothing(driver: Driver):
    driver.add("a.jpg")
    driver.add("b.jpg")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        lists.write(driver.draft, lists.read(driver.draft))
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_a_file_in_the_tray_keeps_the_place_it_had(driver: Driver):
    made: list[UUID] = [driver.store(f"{name}.jpg") for name in "abc"]
    driver.remove(made[1])
    lists.write(driver.draft, ordering.put(lists.read(driver.draft), [made[2]], MAIN, None))
    assert driver.file(made[1]).sequence == 1


@pytest.mark.parametrize(
    ("named", "key"),
    [(("main_image", None), MAIN), (("variant_image", "red"), ("variant_image", "red"))],
)
def test_a_list_is_known_by_type_and_variant(driver: Driver, named: tuple[str, str | None], key: tuple[str, str]):
    driver.variants("red")
    assert lists.list_key(driver.draft, *named) == key


def test_a_variant_that_is_not_there_is_no_list(driver: Driver):
    with pytest.raises(Refusal) as refused:
        lists.list_key(driver.draft, "variant_image", "red")
    assert refused.value.code == Code.UNKNOWN_VARIANT
