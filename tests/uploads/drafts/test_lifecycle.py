from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from pytest_django import Settings

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver, run_jobs
from tests.verification.races import Races, race
from uploads import api, signals
from uploads.core.errors import Code, Refusal
from uploads.core.service_time import Cause
from uploads.core.states import FileState
from uploads.drafts import form_state, lifecycle
from uploads.drafts.lifecycle import AlreadyCommitted, DraftGone
from uploads.expiry import sweeper
from uploads.grace import clock
from uploads.grace.rules import REQUEST_GRACE_MS
from uploads.models import Draft
from uploads.permissions import Target
from uploads.presence import sockets


@pytest.fixture
def announced():
    """The draft signals in the order sent: ("changed" or the reason, the revision at that time)."""
    heard: list[tuple[str, int]] = []

    def changed(*, draft_id: UUID, **_: object) -> None:
        heard.append(("changed", Draft.objects.get(pk=draft_id).revision))

    def ended(*, draft_id: UUID, **_: object) -> None:
        draft = Draft.objects.get(pk=draft_id)
        heard.append((f"{draft.end_reason} by {draft.ended_by or 'nobody'}", draft.revision))

    signals.draft_changed.connect(changed)
    signals.draft_ended.connect(ended)
    yield heard
    signals.draft_changed.disconnect(changed)
    signals.draft_ended.disconnect(ended)


# --- Opening


def test_a_user_begins_so_many_drafts_an_hour_and_more_in_the_next(driver: Driver, settings: Settings):
    """Each is a row for a month, even if it is discarded at once."""
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_new_drafts": 3}}
    for _ in range(2):
        api.discard(driver.user, api.open_draft(driver.user, PRODUCT, fresh=True).id)
    with pytest.raises(Refusal) as refused:
        api.open_draft(driver.user, PRODUCT, fresh=True)
    Draft.objects.filter(pk=driver.id).update(created_at=timezone.now() - timedelta(minutes=61))

    assert refused.value.code == Code.TOO_FAST
    assert api.open_draft(driver.user, PRODUCT, fresh=True)


def test_a_new_draft_is_in_grace_with_a_folder_of_its_own(driver: Driver, make_driver: Callable[[], Driver]):
    draft = driver.draft
    assert (draft.state, draft.grace_cause, draft.revision) == ("grace", Cause.REQUEST, 1)
    assert draft.deadline_ms == clock.service_now() + REQUEST_GRACE_MS
    assert draft.folder.startswith("media/temp_product_files/ada_")
    assert make_driver().draft.folder != draft.folder


def test_a_user_has_a_limited_number_of_live_drafts(make_driver: Callable[[], Driver], other_user, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_drafts": 2}}
    first, _ = make_driver(), make_driver()
    with pytest.raises(Refusal) as refused:
        make_driver()
    assert refused.value.code == Code.TOO_MANY_DRAFTS

    assert len(api.open_draft(other_user, PRODUCT).images) == 0
    lifecycle.discard(first.id, first.user)
    assert make_driver().state == "grace"


def test_two_pages_at_once_cannot_both_open_the_last_draft_allowed(user, service_clock: FakeClock, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_drafts": 1}}
    for _ in range(10):
        results = race(*[lambda: api.open_draft(user, PRODUCT, fresh=True)] * 3)

        made = [result for result in results if isinstance(result, api.DraftView)]
        assert len(made) == 1
        assert {result.code for result in results if isinstance(result, Refusal)} == {Code.TOO_MANY_DRAFTS}
        lifecycle.discard(made[0].id, user)


def test_the_newest_live_draft_of_a_target_is_found(make_driver: Callable[[], Driver], user, other_user):
    make_driver()
    newest, ended = make_driver(), make_driver()
    api.open_draft(other_user, PRODUCT)
    lifecycle.discard(ended.id, user)

    found = lifecycle.newest(user, PRODUCT)

    assert found is not None
    assert found.pk == newest.id
    assert lifecycle.newest(user, Target("product", "7")) is None


# --- Renewing


def test_a_request_keeps_a_draft_without_a_socket(driver: Driver, service_clock: FakeClock):
    service_clock.advance(5)
    lifecycle.renew(driver.id)
    assert driver.draft.deadline_ms == clock.service_now() + REQUEST_GRACE_MS


def test_a_request_never_shortens_a_deadline(driver: Driver):
    Draft.objects.update(deadline_ms=10**9)
    lifecycle.renew(driver.id)
    assert driver.draft.deadline_ms == 10**9


def test_a_request_gives_an_open_or_ended_draft_no_deadline(driver: Driver, process: UUID):
    driver.connect(process)
    lifecycle.renew(driver.id)
    assert (driver.state, driver.draft.deadline_ms) == ("open", None)
    lifecycle.discard(driver.id, driver.user)
    lifecycle.renew(driver.id)
    assert driver.draft.deadline_ms is None


# --- Changing


def test_every_change_counts_once_and_is_told_after_it_is_durable(driver: Driver, announced):
    with lifecycle.changing(driver.id, driver.user):
        assert announced == []
    assert announced == [("changed", 2)]


def test_a_change_that_fails_leaves_no_trace(driver: Driver, announced):
    with pytest.raises(ZeroDivisionError), lifecycle.changing(driver.id, driver.user):
        1 / 0  # noqa: B018
    assert (driver.draft.revision, announced) == (1, [])


def test_nothing_is_told_of_a_change_inside_a_transaction_that_fails(driver: Driver, announced):
    with transaction.atomic():
        lifecycle.discard(driver.id, driver.user)
        transaction.set_rollback(True)
    assert (driver.state, announced) == ("grace", [])


def test_changes_at_once_are_all_counted(driver: Driver):
    def change() -> None:
        with lifecycle.changing(driver.id, driver.user):
            pass

    race(*[change] * 8)

    assert driver.draft.revision == 9


def test_background_work_leaves_no_revision_untold(driver: Driver, announced):
    """A tab that did not learn of it sends a stale revision, and its next change is refused needlessly."""
    file_id = driver.upload()
    run_jobs()
    driver.remove(file_id)
    driver.purge(file_id)
    driver.remove(driver.upload("unfinished.jpg"))
    run_jobs()

    assert announced[-1] == ("changed", driver.draft.revision)


@pytest.mark.parametrize("who", ["missing", "foreign"])
def test_a_missing_and_a_foreign_draft_are_refused_alike(driver: Driver, other_user, who: str):
    draft_id, user = (uuid4(), driver.user) if who == "missing" else (driver.id, other_user)
    with pytest.raises(Refusal) as refused:
        lifecycle.discard(draft_id, user)
    assert refused.value.code == Code.DRAFT_NOT_FOUND
    assert driver.state == "grace"


# --- The form's text


def test_a_note_is_kept_and_told_to_the_other_tabs(driver: Driver, announced):
    assert form_state.note(driver.id, driver.user, {"title": ["Mug"]}) == 2
    assert (driver.draft.fields, len(announced)) == ('{"title":["Mug"]}', 1)


def test_a_note_has_a_largest_size(driver: Driver, settings):
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_text_bytes": len('{"title":["xxxxxxxx"]}')}}
    form_state.note(driver.id, driver.user, {"title": ["x" * 8]})
    with pytest.raises(Refusal) as refused:
        form_state.note(driver.id, driver.user, {"title": ["x" * 9]})
    assert refused.value.code == Code.TEXT_TOO_LARGE
    assert driver.draft.fields == '{"title":["xxxxxxxx"]}'


def test_a_note_is_measured_as_it_was_sent(driver: Driver):
    """In UTF-8: counted with escapes, a text in Greek or Chinese would be refused at a fraction of the stated limit."""
    text = "茶" * 20_000
    form_state.note(driver.id, driver.user, {"description": [text]})
    assert json.loads(driver.draft.fields) == {"description": [text]}


def test_an_ended_draft_takes_no_note(driver: Driver):
    driver.commit()
    with pytest.raises(AlreadyCommitted):
        form_state.note(driver.id, driver.user, {"title": ["late"]})


# --- The end


def test_a_discarded_draft_names_its_ender_and_destroys_its_files(driver: Driver, announced):
    file_id = driver.store()

    assert lifecycle.discard(driver.id, driver.user) == [file_id]

    draft = driver.draft
    assert (draft.state, draft.end_reason, draft.ended_by) == ("expiring", "discard", "ada")
    assert draft.ended_at is not None
    assert ("discard by ada", draft.revision) in announced
    run_jobs()
    assert (driver.state, driver.file_state(file_id)) == ("expired", FileState.DELETED)


def test_what_is_to_be_deleted_outlives_a_process_that_dies_right_after_deciding_it(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
):
    file_id = driver.store()
    with monkeypatch.context() as dying:
        # Django's after-commit callbacks are a list in the memory of the process.
        dying.setattr(BaseDatabaseWrapper, "run_and_clear_commit_hooks", lambda self: self.run_on_commit.clear())
        lifecycle.discard(driver.id, driver.user)

    run_jobs()
    assert (driver.state, driver.file_state(file_id)) == ("expired", FileState.DELETED)


def test_an_empty_draft_ends_at_once(driver: Driver):
    lifecycle.discard(driver.id, driver.user)
    assert driver.state == "expired"


def test_a_second_discard_learns_that_it_was_discarded(driver: Driver):
    lifecycle.discard(driver.id, driver.user)
    with pytest.raises(DraftGone) as refused:
        lifecycle.discard(driver.id, driver.user)
    assert refused.value.code == Code.DRAFT_ENDED


def test_the_names_of_a_lost_draft_are_in_the_order_of_its_lists(driver: Driver, service_clock: FakeClock):
    driver.variants("red")
    driver.store("red.jpg", variant="red")
    first = driver.store("second.jpg")
    driver.store("first.jpg", after=None)
    driver.expire(service_clock)
    assert driver.file_state(first) == FileState.DELETING

    with pytest.raises(DraftGone) as refused:
        lifecycle.discard(driver.id, driver.user)

    assert (refused.value.code, refused.value.names) == (Code.DRAFT_EXPIRED, ("first.jpg", "second.jpg", "red.jpg"))


def test_an_image_the_user_had_taken_away_is_not_told_as_lost(driver: Driver, service_clock: FakeClock):
    driver.store("kept.jpg")
    purged = driver.store("purged.jpg")
    driver.remove(purged)
    driver.purge(purged)
    driver.remove(driver.add("cancelled.jpg").file)
    run_jobs()
    driver.expire(service_clock)

    with pytest.raises(DraftGone) as refused:
        lifecycle.discard(driver.id, driver.user)

    assert refused.value.names == ("kept.jpg",)


def test_a_discard_and_a_save_have_one_winner(make_driver: Callable[[], Driver], races: Races):
    for _ in races.rounds(500):
        driver = make_driver()

        results = races.race(discard=partial(lifecycle.discard, driver.id, driver.user), save=driver.commit)

        discarded, saved = results.values()
        if driver.state == "committed":
            assert isinstance(discarded, AlreadyCommitted)
            races.won("save")
        else:
            assert (driver.state, discarded) == ("expired", [])
            assert isinstance(saved, DraftGone)
            races.won("discard")


def test_a_discard_is_told_apart_from_an_expiry_to_the_tabs(driver: Driver, process: UUID, announced):
    sockets.disconnect(driver.connect(process), Cause.CLEAN)
    Draft.objects.update(deadline_ms=0)
    sweeper.sweep()
    assert announced[-1][0] == "grace by nobody"
