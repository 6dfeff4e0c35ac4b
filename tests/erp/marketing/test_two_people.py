"""Two users save the text of one product: fields one did not change are the other's, conflicts are reviewed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from erp.marketing.models import Product
from tests.erp.marketing.test_draft_form import watch_pages
from tests.support.servers.multipart import CREATE, sent
from uploads.drafts import form_state
from uploads.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)


def revisions() -> dict[object, int]:
    return dict(Draft.objects.values_list("pk", "revision"))


BEGIN: dict[str, Any] = {"title": "Mug", "sku": "MUG-1", "price": "9.90", "description": "One\r\nTwo"}


@pytest.fixture
def product(demo: Client, draft: object) -> Product:
    demo.post(f"{CREATE}?draft={draft}", sent(**BEGIN, variant_temp_id="red", variant_name="Red"))
    return Product.objects.get()


@pytest.fixture
def grace(make_client: Callable[..., Client]) -> Client:
    return make_client("grace", "change", "view")


class Editor:
    """A user with the edit page open, who submits what it showed except for their changes."""

    def __init__(self, client: Client, product: Product) -> None:
        self.client = client
        self.url = str(client.get(f"/marketing/product/{product.pk}/edit/").headers["Location"])
        self.row = product.variants.get().temp_id
        self.fields: dict[str, Any] = BEGIN | {
            "variant_temp_id": self.row,
            "variant_name": "Red",
            "variant_known": self.row,
        }
        self.look(client.get(self.url).content.decode())

    def look(self, page: str) -> None:
        """The page on the screen says which revision it shows."""
        self.page = page
        self.fields["form_revision"] = page.partition('name="form_revision" value="')[2].partition('"')[0]

    def save(self, **changed: str | list[str]) -> int:
        self.fields |= changed
        answer = self.client.post(self.url, sent(**self.fields))
        if answer.status_code != 302:
            self.look(answer.content.decode())
        return answer.status_code


def test_the_second_save_reverts_nothing_it_left_alone(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    assert theirs.save(title="Blue mug", variant_name="Crimson") == 302
    assert mine.save(price="12") == 302

    product.refresh_from_db()
    assert (product.title, str(product.price), product.variants.get().name) == ("Blue mug", "12.00", "Crimson")


def test_what_both_changed_comes_back_once(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug")
    assert mine.save(title="Red mug") == 409
    assert "grace saved “Blue mug” here. Save again to keep yours." in mine.page
    assert 'value="Red mug"' in mine.page
    assert "autofocus" in mine.page.partition('name="title"')[2].partition(">")[0]
    assert mine.save() == 302

    product.refresh_from_db()
    assert product.title == "Red mug"


def test_what_both_changed_is_shown_when_the_draft_is_free_again(
    demo: Client, grace: Client, product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    assert theirs.save(title="Theirs") == 302
    made_while_held = watch_pages(monkeypatch)

    assert mine.save(title="Mine") == 409
    assert made_while_held == [False]


def test_the_form_that_comes_back_shows_what_it_left_alone(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug", price="14")
    assert mine.save(title="Red mug") == 409
    price = mine.page.partition('name="price"')[2].partition(">")[0].partition('value="')[2].partition('"')[0]
    assert price.startswith("14")
    assert mine.save(price=price) == 302

    product.refresh_from_db()
    assert (product.title, str(product.price)) == ("Red mug", "14.00")


def test_a_wrong_form_that_comes_back_has_seen_no_more_than_before(
    demo: Client, grace: Client, product: Product
) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug")
    assert mine.save(title="Red mug", price="no price") == 422
    assert mine.save(price="9.90") == 409
    assert "grace saved “Blue mug” here." in mine.page


def test_a_save_in_place_of_what_both_changed_leaves_nothing_behind(
    demo: Client, grace: Client, product: Product
) -> None:
    """The script then requests the page: what only that shows must not count as seen before."""
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug")
    before = revisions()
    asked = sent(**mine.fields | {"title": "Red mug"})
    answer = demo.post(mine.url, asked, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (409, {"url": ""})
    assert revisions() == before
    assert mine.save(title="Red mug") == 409
    assert "grace saved “Blue mug” here." in mine.page


def test_a_variant_both_renamed_comes_back_once(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(variant_name="Crimson")
    assert mine.save(variant_name="Scarlet") == 409
    assert "grace saved “Crimson” here." in mine.page
    assert mine.save() == 302
    assert product.variants.get().name == "Scarlet"


def test_equal_values_never_ask(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug", price="12.0", description="One\nTwo\nThree")
    assert mine.save(title="Blue mug", price="12.00", description="One\r\nTwo\r\nThree") == 302


def test_an_offer_that_was_shown_counts_as_seen(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug")
    mine.look(demo.get(mine.url).content.decode())
    assert mine.save(title="Red mug") == 302


def test_an_older_page_that_does_not_say_what_it_shows_is_asked_once(
    demo: Client, grace: Client, product: Product
) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug")
    del mine.fields["form_revision"]
    assert mine.save(title="Red mug") == 409
    assert mine.save() == 302


def test_a_reload_shows_what_the_colleague_saved(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    theirs.save(title="Blue mug")
    page = demo.get(mine.url).content.decode()
    assert 'value="Blue mug"' in page
    assert demo.get("/marketing/").content.decode().count("data-unsaved") == 0


# --- Variants a colleague removed


def labels(product: Product) -> list[str]:
    return list(product.variants.values_list("name", flat=True))


def without_rows(mine: Editor) -> int:
    """Save a form that has no variant."""
    mine.fields.pop("variant_temp_id")
    mine.fields.pop("variant_name")
    return mine.save()


def test_a_variant_a_colleague_removed_does_not_return_with_a_save_that_left_it_alone(
    demo: Client, grace: Client, product: Product
) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    assert without_rows(theirs) == 302
    assert mine.save(title="Blue mug") == 302
    product.refresh_from_db()
    assert (labels(product), product.title) == ([], "Blue mug")


def test_a_variant_a_colleague_removed_leaves_the_open_draft_too(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    assert without_rows(theirs) == 302
    page = demo.get(mine.url).content.decode()
    assert 'value="Red"' not in page
    assert demo.get("/marketing/").content.decode().count("data-unsaved") == 0


def test_an_edited_variant_outlives_its_removal_and_is_marked(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    draft = Draft.objects.get(owner__username="demo", state__in=("open", "grace"))
    label = {f"variant:{mine.row}": (draft.revision, ("Crimson",))}
    form_state.edit(draft.pk, User.objects.get(username="demo"), "op", "page", label)
    assert without_rows(theirs) == 302

    draft.refresh_from_db()
    assert form_state.kept_rows(draft) == {mine.row: "grace"}
    assert mine.save(variant_name="Crimson") == 302
    assert labels(product) == ["Crimson"]


def test_a_variant_shown_as_removed_and_kept_is_kept(demo: Client, grace: Client, product: Product) -> None:
    mine, theirs = Editor(demo, product), Editor(grace, product)
    assert without_rows(theirs) == 302
    mine.look(demo.get(mine.url).content.decode())
    assert mine.save(variant_name="Red") == 302
    assert labels(product) == ["Red"]


# --- Two tabs of one person


def type_elsewhere(product: Product, **texts: str) -> None:
    """Somebody types in another tab of the demo user's draft."""
    draft = Draft.objects.get(owner__username="demo", state__in=("open", "grace"))
    typed = {name: (draft.revision, (text,)) for name, text in texts.items()}
    form_state.edit(draft.pk, User.objects.get(username="demo"), "op", "other-tab", typed)


def test_what_another_tab_typed_unseen_comes_back_once(demo: Client, product: Product) -> None:
    mine = Editor(demo, product)
    type_elsewhere(product, description="Typed in the other tab", price="12.00", title="Mug ")
    assert mine.save(price="11") == 409
    assert "Another tab has “12.00” here. Save again to keep this." in mine.page
    assert "Another tab has “Typed in the other tab” here." in mine.page
    assert "autofocus" in mine.page.partition('name="price"')[2].partition(">")[0]
    assert mine.page.count("autofocus") == 1
    assert mine.save() == 302


def test_what_the_page_typed_itself_is_no_news_to_it(demo: Client, product: Product) -> None:
    mine = Editor(demo, product)
    type_elsewhere(product, title="Typed before a slow line")
    assert mine.save(title="Typed after it", form_author="other-tab") == 302


def test_a_row_another_tab_added_unseen_comes_back_once_and_is_kept(demo: Client, product: Product) -> None:
    mine = Editor(demo, product)
    draft = Draft.objects.get(owner__username="demo", state__in=("open", "grace"))
    rows = [(mine.row, "Red"), ("green", "Green")]
    form_state.set_variants(draft.pk, User.objects.get(username="demo"), "op", draft.revision, rows)
    assert mine.save() == 409
    assert "Added in another tab. Save again to keep it." in mine.page
    assert "autofocus" in mine.page.partition('value="Green"')[2].partition(">")[0]
    assert mine.save(variant_temp_id=[mine.row, "green"], variant_name=["Red", "Green"]) == 302
    assert labels(product) == ["Red", "Green"]
