from __future__ import annotations

from uuid import UUID

import pytest
from django.test import Client

from erp.marketing.models import Product
from tests.support.servers.multipart import CREATE
from uploads import api
from uploads.models import Draft

pytestmark = pytest.mark.django_db(transaction=True)

FORM = {"title": "Mug", "sku": "MUG-9", "price": "9.90"}
IN_PLACE = {"Accept": "application/json"}


def save(client: Client, draft: UUID, **changes: str):
    return client.post(f"{CREATE}?draft={draft}", FORM | changes, headers=IN_PLACE)


def test_a_saved_product_is_named_and_a_second_save_names_the_same(demo: Client, draft: UUID) -> None:
    first, second = save(demo, draft), save(demo, draft)

    url = Product.objects.get().get_absolute_url()
    assert (first.status_code, first.json()) == (200, {"url": url})
    assert (second.status_code, second.json()) == (200, {"url": url})
    assert "Mug" in demo.get(url).content.decode()


def test_what_is_not_saved_is_to_be_asked_for_as_a_page(demo: Client, draft: UUID) -> None:
    answer = save(demo, draft, price="a lot")

    assert (answer.status_code, answer.json()) == (422, {"url": ""})
    page = demo.post(f"{CREATE}?draft={draft}", FORM | {"price": "a lot"}, headers={"Accept": "text/html"})
    assert page.status_code == 422
    assert "for example" in page.content.decode()


def test_a_draft_that_is_gone_leaves_no_other_one_behind(demo: Client, draft: UUID) -> None:
    user = Draft.objects.select_related("owner").get(pk=draft).owner
    assert user is not None
    api.cleanup(user, [draft])
    answer = save(demo, draft)

    assert (answer.status_code, answer.json()) == (410, {"url": ""})
    assert Draft.objects.count() == 1


def test_who_is_signed_out_is_led_to_the_sign_in(demo: Client, draft: UUID) -> None:
    demo.logout()

    assert save(demo, draft).json()["url"].startswith("/accounts/login/?next=")
