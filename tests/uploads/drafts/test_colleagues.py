"""Other people's drafts of one target: who edits it, what they learn, and what a deletion does to them."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from tests.support.time.service_clock import FakeClock
from tests.support.wire.desk import Desk
from uploads import api, snapshot
from uploads.core.errors import Refusal
from uploads.core.snapshot import Snapshot
from uploads.drafts import form_state, presence_notes
from uploads.drafts.colleagues import editors, target_deleted
from uploads.drafts.lifecycle import TARGET_DELETED
from uploads.models import Draft

MUG = api.Target("product", "7")


@pytest.fixture
def desks(user: User, other_user: User, service_clock: FakeClock) -> tuple[Desk, Desk]:
    """One product, opened by two people."""
    presence_notes._notified.clear()
    return Desk(user, api.open_draft(user, MUG).id), Desk(other_user, api.open_draft(other_user, MUG).id)


def seen(desk: Desk) -> Snapshot:
    read = snapshot.read(desk.id, Snapshot)
    assert read is not None
    return read


def test_who_only_opened_the_page_and_left_edits_nothing(desks: tuple[Desk, Desk], process: UUID):
    mine, theirs = desks
    assert editors(MUG, mine.user) == []
    theirs.connect(process)
    assert editors(MUG, mine.user) == ["bob"]


def test_who_only_saw_what_a_colleague_saved_edits_nothing(desks: tuple[Desk, Desk]):
    mine, theirs = desks
    for title in ("Mug", "Blue mug"):
        api.find_draft(theirs.user, theirs.id, MUG, values={"title": [title]})
    assert editors(MUG, mine.user) == []


def test_who_left_something_typed_edits_it(desks: tuple[Desk, Desk]):
    mine, theirs = desks
    form_state.edit(theirs.id, theirs.user, "op", "a", {"title": (0, ("Mug",))})
    assert (editors(MUG, mine.user), editors(MUG, theirs.user)) == (["bob"], [])


def test_a_tab_is_told_who_else_has_the_product_open(desks: tuple[Desk, Desk], process: UUID):
    mine, theirs = desks
    before = mine.draft.revision
    theirs.connect(process)
    assert [(one.name, one.idle_seconds) for one in seen(mine).editors] == [("bob", 0)]
    assert mine.draft.revision == before + 1
    assert seen(theirs).editors == []


def test_somebody_who_goes_on_working_is_told_of_now_and_then(desks: tuple[Desk, Desk]):
    mine, theirs = desks
    before = mine.draft.revision
    for number in range(3):
        form_state.edit(theirs.id, theirs.user, f"op{number}", "a", {"title": (0, (str(number),))})
    assert mine.draft.revision == before + 1


def test_new_products_have_no_colleagues(desk: Desk, other_user: User, process: UUID):
    other = Desk(other_user, api.open_draft(other_user, api.Target("product")).id)
    before = desk.draft.revision
    other.connect(process)
    assert (desk.draft.revision, seen(desk).editors) == (before, [])


def test_a_deleted_target_ends_its_edits_after_the_transaction(desks: tuple[Desk, Desk]):
    mine, theirs = desks
    with transaction.atomic():
        target_deleted(MUG, mine.user)
        assert theirs.draft.end_reason == ""
    assert {desk.draft.end_reason for desk in desks} == {TARGET_DELETED}
    assert theirs.draft.ended_by == "ada"
    with pytest.raises(Refusal):
        api.find_draft(theirs.user, theirs.id, MUG)


def test_a_deletion_that_fails_ends_nothing(desks: tuple[Desk, Desk]):
    with transaction.atomic():
        target_deleted(MUG, desks[0].user)
        transaction.set_rollback(True)
    assert Draft.objects.filter(end_reason="").count() == 2
