"""Other people's drafts of one target: who edits it, what they learn, and what a deletion does to them."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import Driver
from uploads import api, snapshot
from uploads.core.errors import Refusal
from uploads.core.snapshot import Snapshot
from uploads.drafts import form_state, presence_notes
from uploads.drafts.colleagues import editors, target_deleted
from uploads.drafts.lifecycle import TARGET_DELETED
from uploads.expiry import sweeper
from uploads.grace.rules import POLLING_TIMEOUT_MS
from uploads.models import Draft
from uploads.presence import polling

MUG = api.Target("product", "7")


@pytest.fixture
def drivers(user: User, other_user: User, service_clock: FakeClock) -> tuple[Driver, Driver]:
    """One product, opened by two people."""
    presence_notes._notified.clear()
    return Driver(user, api.open_draft(user, MUG).id), Driver(other_user, api.open_draft(other_user, MUG).id)


def seen(driver: Driver) -> Snapshot:
    read = snapshot.read(driver.id, Snapshot)
    assert read is not None
    return read


def test_who_only_opened_the_page_and_left_edits_nothing(drivers: tuple[Driver, Driver], process: UUID):
    mine, theirs = drivers
    assert editors(MUG, mine.user) == []
    theirs.connect(process)
    assert editors(MUG, mine.user) == ["bob"]


def test_who_only_saw_what_a_colleague_saved_edits_nothing(drivers: tuple[Driver, Driver]):
    mine, theirs = drivers
    for title in ("Mug", "Blue mug"):
        api.find_draft(theirs.user, theirs.id, MUG, values={"title": [title]})
    assert editors(MUG, mine.user) == []


def test_who_left_something_typed_edits_it(drivers: tuple[Driver, Driver]):
    mine, theirs = drivers
    form_state.edit(theirs.id, theirs.user, "op", "a", {"title": (0, ("Mug",))})
    assert (editors(MUG, mine.user), editors(MUG, theirs.user)) == (["bob"], [])


def test_a_tab_is_told_of_a_colleague_in_limited_mode_who_comes_and_goes(
    drivers: tuple[Driver, Driver], service_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(polling, "_polled", None)
    mine, theirs = drivers

    def look() -> tuple[bool, list[str]]:
        """Whether a sweep told the tab, and whom it then sees."""
        before = mine.draft.revision
        sweeper.sweep()
        return mine.draft.revision > before, [editor.name for editor in seen(mine).editors]

    assert look() == (False, [])
    polling.touch(theirs.id, uuid4())
    assert look() == (True, ["bob"])
    assert look() == (False, ["bob"])
    service_clock.advance(POLLING_TIMEOUT_MS / 1000 + 1)
    assert look() == (True, [])


def test_a_tab_is_told_who_else_has_the_product_open(drivers: tuple[Driver, Driver], process: UUID):
    mine, theirs = drivers
    before = mine.draft.revision
    theirs.connect(process)
    assert [(one.name, one.idle_seconds) for one in seen(mine).editors] == [("bob", 0)]
    assert mine.draft.revision == before + 1
    assert seen(theirs).editors == []


def test_somebody_who_goes_on_working_is_told_of_now_and_then(drivers: tuple[Driver, Driver]):
    mine, theirs = drivers
    before = mine.draft.revision
    for number in range(3):
        form_state.edit(theirs.id, theirs.user, f"op{number}", "a", {"title": (0, (str(number),))})
    assert mine.draft.revision == before + 1


def test_new_products_have_no_colleagues(driver: Driver, other_user: User, process: UUID):
    other = Driver(other_user, api.open_draft(other_user, api.Target("product")).id)
    before = driver.draft.revision
    other.connect(process)
    assert (driver.draft.revision, seen(driver).editors) == (before, [])


def test_a_deleted_target_ends_its_edits_after_the_transaction(drivers: tuple[Driver, Driver]):
    mine, theirs = drivers
    with transaction.atomic():
        target_deleted(MUG, mine.user)
        assert theirs.draft.end_reason == ""
    assert {driver.draft.end_reason for driver in drivers} == {TARGET_DELETED}
    assert theirs.draft.ended_by == "ada"
    with pytest.raises(Refusal):
        api.find_draft(theirs.user, theirs.id, MUG)


def test_the_name_of_who_deleted_it_is_kept_as_far_as_it_fits(driver: Driver):
    edit = api.open_draft(driver.user, MUG)
    driver.user.first_name, driver.user.last_name = "A" * 150, "B" * 150

    target_deleted(MUG, driver.user)

    assert Draft.objects.get(pk=edit.id).ended_by == "A" * 150


def test_a_deletion_that_fails_ends_nothing(drivers: tuple[Driver, Driver]):
    with transaction.atomic():
        target_deleted(MUG, drivers[0].user)
        transaction.set_rollback(True)
    assert Draft.objects.filter(end_reason="").count() == 2
