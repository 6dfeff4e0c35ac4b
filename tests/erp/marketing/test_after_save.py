"""Where a save leads, which messages it shows, and what a page without scripts submits."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from erp.marketing.models import Product
from tests.support.servers.multipart import CREATE, add_to, image, sent, upload
from uploads import api

pytestmark = pytest.mark.django_db(transaction=True)


# --- Continuing after a save


def test_create_and_add_another_leads_to_a_new_draft_and_says_where_the_product_is(demo: Client, draft: UUID) -> None:
    upload(demo)
    answer = demo.post(f"{CREATE}?draft={draft}", sent(title="<Mug>", another="1"))
    product = Product.objects.get()
    page = demo.get(answer.headers["Location"], follow=True)

    assert product.files.count() == 1
    assert UUID(page.redirect_chain[0][0].partition("draft=")[2]) != draft
    assert f'Saved: <a href="{product.get_absolute_url()}">&lt;Mug&gt;</a>.' in page.content.decode()


def test_a_repeated_save_goes_on_as_the_first_did(demo: Client, draft: UUID) -> None:
    first, second = (demo.post(f"{CREATE}?draft={draft}", sent(another="1")) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"] == f"{CREATE}?new=1"
    assert Product.objects.count() == 1


def edit_page(client: Client, product: Product) -> str:
    return str(client.get(f"/marketing/product/{product.pk}/edit/").headers["Location"])


@pytest.fixture
def saved_product(demo: Client, draft: UUID) -> Product:
    upload(demo, "first.jpg")
    demo.post(f"{CREATE}?draft={draft}", sent())
    return Product.objects.get()


def test_of_two_who_edit_one_product_the_second_is_told_and_nothing_is_lost(
    demo: Client, user: User, make_client: Callable[..., Client], saved_product: Product
) -> None:
    grace = make_client("grace", "change", "view")
    mine, theirs = edit_page(demo, saved_product), edit_page(grace, saved_product)
    add_to(user, UUID(mine.partition("draft=")[2]), "mine.jpg")
    add_to(User.objects.get(username="grace"), UUID(theirs.partition("draft=")[2]), "theirs.jpg")
    first = grace.get(grace.post(theirs, sent()).headers["Location"]).content.decode()
    second = demo.get(demo.post(mine, sent()).headers["Location"]).content.decode()

    assert "also saved this product" not in first
    assert "grace also saved this product while you were editing it. 1 image of theirs stands after yours" in second
    names = saved_product.files.order_by("sequence").values_list("name", flat=True)
    assert list(names) == ["first.jpg", "mine.jpg", "theirs.jpg"]


def test_who_saved_before_the_page_was_opened_is_no_news(
    demo: Client, make_client: Callable[..., Client], saved_product: Product
) -> None:
    grace = make_client("grace", "change", "view")
    grace.post(edit_page(grace, saved_product), sent())
    page = demo.get(demo.post(edit_page(demo, saved_product), sent()).headers["Location"]).content.decode()

    assert "also saved this product" not in page


# --- Without scripts


def test_a_form_without_scripts_brings_its_images_along(demo: Client, draft: UUID) -> None:
    images = [image("a.jpg", 1), image("b.jpg", 2)]
    demo.post(f"{CREATE}?draft={draft}", sent(images=images))

    assert list(Product.objects.get().files.order_by("sequence").values_list("name", flat=True)) == ["a.jpg", "b.jpg"]


def test_what_is_refused_without_scripts_is_named_and_the_rest_is_kept(demo: Client, draft: UUID) -> None:
    wrong = SimpleUploadedFile("prices.pdf", b"%PDF-1.7", "application/pdf")
    answer = demo.post(f"{CREATE}?draft={draft}", sent(title="My mug", images=[image("a.jpg"), wrong]))
    html = answer.content.decode()

    assert answer.status_code == 422
    assert not Product.objects.exists()
    assert "<bdi>prices.pdf</bdi>: This is not a supported image." in html
    assert 'value="My mug"' in html
    assert html.count("a.jpg") == 1
    demo.post(f"{CREATE}?draft={draft}", sent(title="My mug"))
    assert Product.objects.get().files.get().name == "a.jpg"


def test_images_sent_into_an_expired_draft_are_kept_in_the_new_one(demo: Client, user: User, draft: UUID) -> None:
    api.discard(user, draft)
    answer = demo.post(f"{CREATE}?draft={draft}", sent(images=[image("a.jpg")]))

    assert answer.status_code == 410
    assert [shown.name for shown in answer.context["draft"].images] == ["a.jpg"]
