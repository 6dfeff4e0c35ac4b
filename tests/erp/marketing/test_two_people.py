"""Two users save the text of one product: fields one did not change are the other's, conflicts are reviewed once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from erp.marketing.models import Product
from tests.support.servers.multipart import CREATE, sent
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

    def save(self, **changed: str) -> int:
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
