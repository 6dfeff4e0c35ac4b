from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings

from tests.support.time.service_clock import FakeClock
from tests.support.wire.draft_driver import PRODUCT, Driver, Host
from tests.verification.races import race
from uploads import api
from uploads.core.errors import Code, Refusal
from uploads.drafts import form_state, kept_text
from uploads.drafts.field_merge import unseen_offer
from uploads.expiry import sweeper
from uploads.models import Draft

EDIT = api.Target("product", "7")


@pytest.fixture
def typed(driver: Driver) -> Driver:
    """A new product with a title, a variant and an image."""
    form_state.note(driver.id, driver.user, {"title": ["Blue mug"], "description": ["Long"]})
    driver.variants("red")
    driver.store("a.jpg")
    return driver


def age(draft: UUID, **span: int) -> None:
    """Backdate the end of a draft."""
    Draft.objects.filter(pk=draft).update(ended_at=timezone.now() - timedelta(**span))


def texts(driver: Driver) -> list[api.KeptText]:
    return api.kept_texts(driver.user, PRODUCT.kind)


@pytest.mark.parametrize("end", ["expired", "discarded"])
def test_the_text_outlives_the_images_however_they_went(typed: Driver, service_clock: FakeClock, end: str):
    if end == "expired":
        typed.expire(service_clock)
    else:
        api.discard(typed.user, typed.id)

    (found,) = texts(typed)

    assert (found.id, found.target, found.images) == (typed.id, PRODUCT, 1)
    assert found.fields == {"title": ["Blue mug"], "description": ["Long"]}
    assert found.variants == [("red", "Red")]
    assert found.is_discarded == (end == "discarded")
    assert found.kept_until - found.ended_at == timedelta(days=7)


def test_it_is_restored_into_a_new_draft_and_leaves_the_old_row(typed: Driver):
    api.discard(typed.user, typed.id)

    draft = api.restore_text(typed.user, typed.id, PRODUCT)

    assert draft.id != typed.id
    assert (draft.fields["title"], draft.variants, draft.images) == (["Blue mug"], [("red", "Red")], [])
    assert texts(typed) == []
    assert (typed.draft.fields, typed.draft.form, typed.draft.variants) == ("{}", "{}", [])


def field(draft: UUID, name: str) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return the value of a draft's field, and its offers."""
    row = Draft.objects.get(pk=draft)
    found = form_state.form_state(row).fields[name]
    assert found.revision <= row.revision, "a page's next edit would seem to know less than it does"
    return found.values, [offer.values for offer in found.offers]


def test_what_was_on_offer_is_restored_with_it(typed: Driver):
    form_state.edit(typed.id, typed.user, "op", "another tab", {"title": (0, ("Red mug",))})
    api.discard(typed.user, typed.id)
    assert "Blue mug" in typed.draft.form

    draft = api.restore_text(typed.user, typed.id, PRODUCT)

    assert field(draft.id, "title") == (("Red mug",), [("Blue mug",)])


def test_a_restored_offer_is_no_news_to_the_page_that_shows_it(driver: Driver):
    """Revisions count from the new draft's own: a save of its page asks about nothing."""
    for number, price in enumerate(("12.00", "11.00")):
        for _ in range(3):
            driver.variants("red")
        form_state.edit(driver.id, driver.user, driver.op(), f"page {number}", {"price": (0, (price,))})
    api.discard(driver.user, driver.id)
    restored = api.restore_text(driver.user, driver.id, PRODUCT)
    found = form_state.form_state(Draft.objects.get(pk=restored.id)).fields["price"]
    assert [offer.values for offer in found.offers] == [("12.00",)]
    assert unseen_offer(("10.00",), found, "new page", restored.revision, form_state.SAVED) is None


def test_an_offer_alone_is_text(driver: Driver):
    form_state.note(driver.id, driver.user, {"title": ["Blue mug"]})
    form_state.edit(driver.id, driver.user, "op", "another tab", {"title": (0, ("",))})
    api.discard(driver.user, driver.id)
    assert [found.id for found in texts(driver)] == [driver.id]


def test_who_keeps_too_much_loses_the_oldest(
    make_driver: Callable[[], Driver], other_user: User, user: User, settings: Settings
):
    drafts = [make_driver() for _ in range(4)]
    others = Driver(other_user, api.open_draft(other_user, PRODUCT, fresh=True).id)
    for age_hours, driver in zip([5, 4, 3, 2, 9], [*drafts, others], strict=True):
        form_state.note(driver.id, driver.user, {"title": ["x" * 1_000]})
        api.discard(driver.user, driver.id)
        age(driver.id, hours=age_hours)
    row = drafts[0].draft
    settings.UPLOADS = {
        **settings.UPLOADS,
        "LIMITS": {"max_kept_text": 2 * (len(row.fields) + len(row.form) + len("[]"))},
    }

    sweeper.garbage_collect()

    assert [found.id for found in api.kept_texts(user, PRODUCT.kind)] == [drafts[3].id, drafts[2].id]
    assert [found.id for found in api.kept_texts(other_user, PRODUCT.kind)] == [others.id]


def test_a_text_that_is_too_long_costs_none_of_the_older_ones(make_driver: Callable[[], Driver], settings: Settings):
    drafts = [make_driver() for _ in range(3)]
    for age_hours, length, driver in zip([4, 3, 2], [1_000, 9_000, 1_000], drafts, strict=True):
        form_state.note(driver.id, driver.user, {"title": ["x" * length]})
        api.discard(driver.user, driver.id)
        age(driver.id, hours=age_hours)
    settings.UPLOADS = {**settings.UPLOADS, "LIMITS": {"max_kept_text": 9_000}}

    sweeper.garbage_collect()

    assert [found.id for found in texts(drafts[0])] == [drafts[2].id, drafts[0].id]


def test_the_list_is_bounded_in_number_and_in_length(
    make_driver: Callable[[], Driver], monkeypatch: pytest.MonkeyPatch
):
    drafts = [make_driver() for _ in range(4)]
    for age_hours, length, driver in zip([5, 4, 3, 2], [10, 10, 9_000, 10], drafts, strict=True):
        form_state.note(driver.id, driver.user, {"title": ["x" * length]})
        api.discard(driver.user, driver.id)
        age(driver.id, hours=age_hours)
    monkeypatch.setattr(kept_text, "MOST_LISTED", 3)
    monkeypatch.setattr(kept_text, "LISTED_CHARACTERS", 9_000)

    assert [found.id for found in texts(drafts[0])] == [drafts[3].id, drafts[1].id]


def test_restoring_once_more_leads_to_the_same_draft(typed: Driver):
    api.discard(typed.user, typed.id)
    drafts = race(*[lambda: api.restore_text(typed.user, typed.id, PRODUCT).id] * 3)
    assert len(set(drafts)) == 1
    assert Draft.objects.count() == 2


def test_a_restored_text_outlives_its_second_draft_too(typed: Driver):
    api.discard(typed.user, typed.id)
    second = api.restore_text(typed.user, typed.id, PRODUCT)
    api.discard(typed.user, second.id)

    (found,) = texts(typed)

    assert (found.id, found.fields["title"], found.variants) == (second.id, ["Blue mug"], [("red", "Red")])


@pytest.mark.parametrize(("days", "left"), [(6, 1), (8, 0)])
def test_it_is_erased_when_its_time_is_over(typed: Driver, days: int, left: int):
    api.discard(typed.user, typed.id)
    age(typed.id, days=days)
    assert len(texts(typed)) == left

    sweeper.garbage_collect()

    assert len(texts(typed)) == left
    assert ("Blue mug" in typed.draft.fields, "Blue mug" in typed.draft.form) == (bool(left), bool(left))
    if not left:
        with pytest.raises(Refusal) as refused:
            api.restore_text(typed.user, typed.id, PRODUCT)
        assert refused.value.code == Code.TEXT_GONE


def test_a_long_time_keeps_the_row_as_long(typed: Driver, settings: Settings):
    settings.UPLOADS = {**settings.UPLOADS, "TEXT_KEPT_DAYS": 90}
    api.discard(typed.user, typed.id)
    age(typed.id, days=60)
    sweeper.garbage_collect()
    assert len(texts(typed)) == 1


def test_no_days_keep_no_text(typed: Driver, settings: Settings):
    settings.UPLOADS = {**settings.UPLOADS, "TEXT_KEPT_DAYS": 0}
    api.discard(typed.user, typed.id)
    assert texts(typed) == []
    sweeper.garbage_collect()
    assert typed.draft.fields == "{}"


def test_what_held_no_text_leaves_none(driver: Driver):
    driver.store("a.jpg")
    form_state.note(driver.id, driver.user, {"title": [" "]})
    api.discard(driver.user, driver.id)
    assert texts(driver) == []
    assert api.find_text(driver.user, driver.id) is None


def test_it_can_be_erased_at_once(typed: Driver, other_user: User):
    assert not api.erase_text(typed.user, typed.id)
    api.discard(typed.user, typed.id)
    assert not api.erase_text(other_user, typed.id)
    assert api.erase_text(typed.user, typed.id)
    assert texts(typed) == []


def test_nobody_sees_or_restores_anothers_nor_what_was_saved(
    typed: Driver, make_driver: Callable[[], Driver], other_user
):
    saved = make_driver()
    form_state.note(saved.id, saved.user, {"title": ["Saved"]})
    saved.commit()
    api.discard(typed.user, typed.id)

    assert api.kept_texts(other_user, PRODUCT.kind) == []
    assert [found.id for found in texts(typed)] == [typed.id]
    for user, draft in ((other_user, typed.id), (typed.user, saved.id)):
        with pytest.raises(Refusal) as refused:
            api.restore_text(user, draft, PRODUCT)
        assert refused.value.code == Code.TEXT_GONE


def test_a_page_of_an_expired_draft_takes_the_text_over_once(typed: Driver, service_clock: FakeClock):
    typed.expire(service_clock)
    opened = [api.open_draft(typed.user, PRODUCT, fresh=True, instead_of=typed.id) for _ in range(2)]
    assert opened[0].id == opened[1].id
    assert opened[0].fields["title"] == ["Blue mug"]
    assert texts(typed) == []


class Editing:
    """A product that is being edited."""

    def __init__(self, driver: Driver) -> None:
        self.host = Host()
        driver.store("a.jpg")
        driver.commit(self.host)
        self.user = driver.user

    def open(self, **saved: str) -> api.DraftView:
        attached, rows = (lambda: self.host.plans[0].files), [("v1", "Red")]
        return api.open_draft(self.user, EDIT, attached=attached, variants=rows, values=self._values(saved))

    def restore(self, draft: UUID, **saved: str) -> api.DraftView:
        attached, now = (lambda: self.host.plans[0].files), [("v1", "Red"), ("v2", "Blue")]
        return api.restore_text(self.user, draft, EDIT, attached=attached, variants=now, values=self._values(saved))

    @staticmethod
    def _values(saved: Mapping[str, str]) -> dict[str, list[str]] | None:
        return {name: [text] for name, text in saved.items()} or None


def test_the_text_of_an_edit_is_restored_over_the_product_of_today(driver: Driver):
    editing = Editing(driver)
    view = editing.open()
    api.discard(driver.user, view.id)
    assert texts(driver) == [], "the variants of the product are no text of the user's"
    view = editing.open()
    form_state.note(view.id, driver.user, {"title": ["Better mug"]})
    api.discard(driver.user, view.id)

    restored = editing.restore(view.id)

    assert (restored.target, restored.fields["title"], len(restored.images)) == (EDIT, ["Better mug"], 1)
    assert restored.variants == [("v1", "Red"), ("v2", "Blue")]


def test_the_text_of_an_edit_meets_what_was_saved_since(driver: Driver):
    editing = Editing(driver)
    view = editing.open(title="Mug", sku="A", price="1.00")
    typed_now = {"title": (0, ("Better mug",)), "price": (0, ("2.00",))}
    form_state.edit(view.id, driver.user, "op", "page", typed_now)
    api.discard(driver.user, view.id)

    restored = editing.restore(view.id, title="Best mug", sku="B", price="1.00")

    assert field(restored.id, "title") == (("Better mug",), [("Best mug",)])
    assert field(restored.id, "price") == (("2.00",), [])
    assert field(restored.id, "sku") == (("B",), [])


def test_an_edit_that_goes_on_is_not_overwritten(driver: Driver):
    editing = Editing(driver)
    form_state.note((old := editing.open()).id, driver.user, {"title": ["Old"]})
    api.discard(driver.user, old.id)
    now = editing.open()
    form_state.note(now.id, driver.user, {"title": ["New"]})

    with pytest.raises(Refusal) as refused:
        editing.restore(old.id)

    assert refused.value.code == Code.ALREADY_EDITING
    assert api.find_draft(driver.user, now.id, EDIT).fields == {"title": ["New"]}
    assert len(texts(driver)) == 1


def test_an_untouched_edit_takes_the_text(driver: Driver):
    editing = Editing(driver)
    form_state.note((old := editing.open()).id, driver.user, {"title": ["Old"]})
    api.discard(driver.user, old.id)
    now = editing.open()
    assert editing.restore(old.id).id == now.id
    assert api.find_draft(driver.user, now.id, EDIT).fields == {"title": ["Old"]}


def test_the_text_of_an_edit_whose_product_is_gone_becomes_a_new_product(driver: Driver):
    editing = Editing(driver)
    form_state.note((old := editing.open()).id, driver.user, {"title": ["Old"]})
    api.discard(driver.user, old.id)

    restored = api.restore_text(driver.user, old.id, PRODUCT)

    assert (restored.target, restored.fields, restored.images) == (PRODUCT, {"title": ["Old"]}, [])
