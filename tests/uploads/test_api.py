from __future__ import annotations

from functools import partial
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User

from tests.support.stores.unreliable_store import UnreliableStore
from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver, Host, run_jobs
from tests.verification.races import race
from uploads import api
from uploads.core.errors import Code
from uploads.core.states import FileState
from uploads.drafts import form_state
from uploads.drafts.merge import PlannedFile
from uploads.grace import clock
from uploads.grace.rules import REQUEST_GRACE_MS
from uploads.models import Draft, File
from uploads.presence import polling
from uploads.stores.registry import current_store

EDIT = api.Target("product", "7")


# --- Opening


def test_a_page_opens_an_untouched_draft_again(user: User, service_clock: FakeClock):
    first = api.open_draft(user, PRODUCT)
    service_clock.advance(100)

    assert api.open_draft(user, PRODUCT) == first
    assert Draft.objects.get().deadline_ms == clock.service_now() + REQUEST_GRACE_MS


def test_another_product_another_target_and_another_user_are_other_drafts(user: User, other_user, service_clock):
    ids = {
        api.open_draft(user, PRODUCT).id,
        api.open_draft(user, PRODUCT, fresh=True).id,
        api.open_draft(user, EDIT).id,
        api.open_draft(other_user, PRODUCT).id,
    }
    assert len(ids) == 4


def test_two_pages_opened_at_once_share_one_draft(user: User, service_clock: FakeClock):
    for number in range(10):
        target = api.Target("product", str(number))
        opened = race(*[partial(api.open_draft, user, target)] * 3)
        assert len({view.id for view in opened}) == 1


def test_an_ended_draft_is_not_opened_again(driver: Driver):
    driver.commit()
    assert api.open_draft(driver.user, PRODUCT).id != driver.id


def test_the_files_of_an_edited_product_are_put_in_once(driver: Driver):
    host = Host()
    driver.store("a.jpg")
    driver.commit(host)
    asked: list[int] = []

    def attached() -> list[PlannedFile]:
        asked.append(1)
        return list(host.plans[0].files)

    views = [api.open_draft(driver.user, EDIT, attached=attached, variants=[("v1", "Red")]) for _ in range(2)]

    assert (len(asked), [len(view.images) for view in views]) == (1, [1, 1])
    assert views[0].variants == [("v1", "Red")]


def test_a_page_is_told_when_its_draft_is_open_in_another_tab(driver: Driver, process: UUID):
    assert not api.find_draft(driver.user, driver.id, PRODUCT).open_elsewhere
    driver.connect(process)
    assert api.find_draft(driver.user, driver.id, PRODUCT).open_elsewhere


@pytest.mark.parametrize("work", ["text", "an image", "a variant", "a tab"])
def test_a_new_product_never_opens_a_draft_with_work_in_it_nor_one_that_is_open(
    driver: Driver, process: UUID, work: str
):
    assert api.open_draft(driver.user, PRODUCT).id == driver.id
    if work == "text":
        form_state.note(driver.id, driver.user, {"title": ["Mug"]})
    elif work == "an image":
        driver.add("a.jpg")
    elif work == "a variant":
        driver.variants("red")
    else:
        driver.connect(process)

    opened = api.open_draft(driver.user, PRODUCT)

    assert opened.id != driver.id
    assert api.open_draft(driver.user, PRODUCT).id == opened.id


def test_a_tab_over_http_has_its_draft_open_too(driver: Driver):
    polling.touch(driver.id, uuid4())
    assert api.open_draft(driver.user, PRODUCT).id != driver.id


def test_a_page_gets_its_text_back_without_what_is_no_text(driver: Driver):
    kept_by_an_older_version = '{"title": ["Mug"], "size": ["S", 4, null], "price": "9", "odd": {"a": 1}}'
    Draft.objects.filter(pk=driver.id).update(fields=kept_by_an_older_version)
    assert api.find_draft(driver.user, driver.id, PRODUCT).fields == {"title": ["Mug"], "size": ["S"]}


# --- Finding


def test_a_draft_named_in_an_address_is_found_and_kept(driver: Driver, service_clock: FakeClock):
    service_clock.advance(50)
    found = api.find_draft(driver.user, driver.id, PRODUCT)
    assert (found.id, found.target) == (driver.id, PRODUCT)
    assert driver.draft.deadline_ms == clock.service_now() + REQUEST_GRACE_MS


def test_a_draft_that_is_only_read_keeps_its_deadline(driver: Driver, service_clock: FakeClock):
    deadline = driver.draft.deadline_ms
    service_clock.advance(50)

    assert api.find_draft(driver.user, driver.id, PRODUCT, renew=False).id == driver.id
    assert driver.draft.deadline_ms == deadline


@pytest.mark.parametrize("how", ["missing", "foreign", "of another target"])
def test_a_draft_that_is_not_this_ones_is_not_found(driver: Driver, other_user: User, how: str):
    user, draft_id, target = driver.user, driver.id, PRODUCT
    if how == "missing":
        draft_id = uuid4()
    elif how == "foreign":
        user = other_user
    else:
        target = EDIT
    with pytest.raises(api.Refusal) as refused:
        api.find_draft(user, draft_id, target)
    assert refused.value.code == Code.DRAFT_NOT_FOUND


def test_a_saved_draft_leads_to_its_product(driver: Driver):
    driver.commit()
    with pytest.raises(api.AlreadyCommitted) as refused:
        api.find_draft(driver.user, driver.id, PRODUCT)
    assert refused.value.url == "/products/7/"


def test_an_expired_draft_tells_what_was_lost(driver: Driver, service_clock: FakeClock):
    driver.store("front.jpg")
    driver.expire(service_clock)
    with pytest.raises(api.DraftGone) as refused:
        api.find_draft(driver.user, driver.id, PRODUCT)
    assert refused.value.names == ("front.jpg",)


def test_only_the_users_live_drafts_are_live_oldest_first(make_driver, other_user: User):
    first, second, ended = make_driver(), make_driver(), make_driver()
    ended.commit()
    foreign = api.open_draft(other_user, PRODUCT).id
    named = [second.id, ended.id, foreign, first.id, uuid4()]
    assert api.live_drafts(first.user, named) == [first.id, second.id]


# --- Discarding


def test_a_discard_says_how_many_files_go(driver: Driver):
    driver.store()
    driver.add()
    assert api.discard(driver.user, driver.id) == 2


def test_a_cleanup_takes_every_live_draft_and_deletes_at_once(make_driver):
    drivers = [make_driver(), make_driver()]
    keys = [driver.file(driver.store()).store_key for driver in drivers]
    saved = make_driver()
    kept = saved.store()
    saved.commit()

    result = api.cleanup(drivers[0].user, [driver.id for driver in [*drivers, saved]] + [uuid4()])

    assert result == api.CleanupResult(deleted=2, errors=[])
    assert not any(current_store().exists(key) for key in keys)
    assert [driver.state for driver in [*drivers, saved]] == ["expired", "expired", "committed"]
    assert saved.file_state(kept) == FileState.LINKED


def test_a_cleanup_does_not_touch_what_belongs_to_somebody_else(driver: Driver, other_user: User):
    driver.store()
    assert api.cleanup(other_user, [driver.id]) == api.CleanupResult(0, [])
    assert driver.state == "grace"


def test_a_cleanup_names_what_the_store_refused_and_a_job_goes_on(
    driver: Driver, service_clock: FakeClock, unreliable_store: UnreliableStore
):
    first, second = driver.store("a.jpg"), driver.store("b.jpg")
    unreliable_store.refuse("destroy")

    result = api.cleanup(driver.user, [driver.id])

    assert result == api.CleanupResult(deleted=2, errors=["a.jpg"])
    assert [driver.file_state(file) for file in (first, second)] == [FileState.DELETING, FileState.DELETED]
    service_clock.advance(1)
    run_jobs()
    assert driver.state == "expired"


def test_a_second_cleanup_finds_nothing_to_do(driver: Driver):
    driver.store()
    api.cleanup(driver.user, [driver.id])
    assert api.cleanup(driver.user, [driver.id]) == api.CleanupResult(0, [])
    assert set(File.objects.values_list("state", flat=True)) == {FileState.DELETED}
