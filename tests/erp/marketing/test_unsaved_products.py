"""The list of products leads back to unsaved work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.test import Client

from erp.marketing.models import Product
from erp.marketing.unsaved_products import kept_products, unsaved_products
from tests.support.servers.multipart import CREATE, add_to, new_draft, sent, upload
from uploads import api
from uploads.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/marketing/"


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def product(demo: Client, draft: UUID) -> Product:
    """A saved product with one image."""
    upload(demo)
    demo.post(f"{CREATE}?draft={draft}", sent())
    return Product.objects.get()


def edit_of(client: Client, product: Product) -> UUID:
    location = client.get(f"/marketing/product/{product.pk}/edit/").headers["Location"]
    return UUID(location.partition("draft=")[2])


def test_an_opened_page_is_not_listed(demo: Client, draft: UUID):
    assert "Unsaved products" not in text_of(demo.get(LIST))


def test_an_unsaved_product_is_listed_with_the_way_back(demo: Client, draft: UUID):
    upload(demo)
    html = text_of(demo.get(LIST))

    assert "Unsaved product" in html
    assert "1 image" in html
    assert "kept until <time" in html
    assert f"{CREATE}?draft={draft}" in html
    assert f"/marketing/draft/{draft}/discard/" in html


def test_changes_are_listed_under_the_product_they_change(demo: Client, user: User, product: Product):
    draft = edit_of(demo, product)
    assert unsaved_products(user) == []
    add_to(user, draft, "more.jpg")

    (one,) = unsaved_products(user)

    assert (one.edited, one.images) == ("Mug", 2)
    assert one.url == f"/marketing/product/{product.pk}/edit/?draft={draft}"
    assert demo.get(one.url).status_code == 200


def test_what_was_typed_outlives_the_images(demo: Client, user: User, draft: UUID):
    upload(demo, draft=str(draft))
    Draft.objects.filter(pk=draft).update(fields='{"title": ["Blue mug"]}')
    api.discard(user, draft)

    (kept,) = kept_products(user)

    assert (kept.draft, kept.title, kept.images, kept.is_discarded) == (draft, "Blue mug", 1, True)
    assert unsaved_products(user) == []
    html = text_of(demo.get(LIST))
    assert "Images deleted, text kept" in html
    assert f'formaction="/marketing/draft/{draft}/restore/"' in html


def test_the_text_of_changes_of_a_product_that_is_gone_becomes_a_new_product(
    demo: Client, user: User, product: Product
):
    draft = edit_of(demo, product)
    Draft.objects.filter(pk=draft).update(fields='{"title": ["Better mug"]}')
    product.delete()
    api.discard(user, draft)

    (kept,) = kept_products(user)

    assert (kept.edited, kept.title, kept.target) == ("", "Better mug", api.Target("product"))


def test_changes_of_a_product_that_is_gone_are_not_listed(demo: Client, user: User, product: Product):
    add_to(user, edit_of(demo, product), "more.jpg")
    product.delete()

    assert unsaved_products(user) == []


def test_nobody_lists_or_discards_the_work_of_others(demo: Client, make_client, draft: UUID):
    upload(demo)
    other = make_client("eve", "add", "view")

    assert "Unsaved products" not in text_of(other.get(LIST))
    other.post(f"/marketing/draft/{draft}/discard/")
    assert Draft.objects.get(pk=draft).state == "grace"


def test_who_may_only_look_has_nothing_to_save(make_client):
    visitor = make_client("guest", "view")

    assert "Unsaved products" not in text_of(visitor.get(LIST))
    assert visitor.get(f"/marketing/draft/{UUID(int=1)}/discard/").status_code == 403


def test_two_unsaved_products_are_two_ways_back_the_newest_first(demo: Client, user: User, draft: UUID):
    upload(demo, draft=str(draft))
    second = new_draft(demo)
    upload(demo, draft=str(second))

    assert [one.draft for one in unsaved_products(user)] == [second, draft]
