"""A save whose COMMIT got no response: submitting the same form again leads to one product, whatever happened."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.test import Client

from erp.marketing.models import Product, ProductFile
from tests.support.faults.cut_commit import cut_commit
from tests.support.faults.held_draft import held_draft
from tests.support.run.counts import Counted
from tests.support.servers.multipart import CREATE, UPLOAD, add_to, image, new_draft, sent, upload
from tests.verification.races import race
from uploads import api
from uploads.models import CommitRecord

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, ALL_ROUNDS = 12, 100


class Fields(HTMLParser):
    """Return the fields of a page, as a browser would submit them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, list[str]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag == "input" and (name := told.get("name")):
            self.found.setdefault(name, []).append(told.get("value") or "")


def page(draft: UUID) -> str:
    return f"{CREATE}?draft={draft}"


def assert_one_product(sku: str, answer: Any) -> None:
    product = Product.objects.get(sku=sku)
    assert (answer.status_code, answer.headers["Location"]) == (302, product.get_absolute_url())


def test_saves_cut_after_their_commit_lead_to_their_product(demo: Client, counted: Counted) -> None:
    rounds = counted(ROUNDS, ALL_ROUNDS)
    for number in range(rounds):
        draft, form = new_draft(demo), sent(sku=f"SKU-{number}")
        with cut_commit(counted=True):
            answer = demo.post(page(draft), form)

        assert_one_product(f"SKU-{number}", answer)
        assert_one_product(f"SKU-{number}", demo.post(page(draft), form))
    assert Product.objects.count() == CommitRecord.objects.count() == rounds


def test_saves_cut_before_their_commit_are_saved_by_the_next_click(demo: Client, counted: Counted) -> None:
    rounds = counted(ROUNDS, ALL_ROUNDS)
    for number in range(rounds):
        draft, form = new_draft(demo), sent(sku=f"SKU-{number}", description="All that text")
        with cut_commit(counted=False):
            answer = demo.post(page(draft), form)

        html = answer.content.decode()
        assert answer.status_code == 503
        assert "the database did not answer" in html
        assert "All that text" in html
        assert f'action="?draft={draft}"' in html
        assert not Product.objects.filter(sku=f"SKU-{number}").exists()
        assert_one_product(f"SKU-{number}", demo.post(page(draft), form))
    assert Product.objects.count() == CommitRecord.objects.count() == rounds


@pytest.mark.parametrize("counted", [True, False])
def test_the_images_are_linked_once_whether_it_counted_or_not(
    demo: Client, user: User, draft: UUID, counted: bool
) -> None:
    add_to(user, draft, "mug.jpg")
    with cut_commit(counted=counted):
        demo.post(page(draft), sent())
    demo.post(page(draft), sent())

    assert list(ProductFile.objects.values_list("name", flat=True)) == ["mug.jpg"]


@pytest.mark.parametrize("counted", [True, False])
def test_while_the_database_is_away_a_page_saves_the_same_form_again(demo: Client, draft: UUID, counted: bool) -> None:
    form = sent(title='A "mug" <b>', rows={"a1": "Rust", "b2": "Moss"})
    with cut_commit(counted=counted, down=9):
        answer = demo.post(page(draft), form)

    html = answer.content.decode()
    assert answer.status_code == 503
    assert "never makes a second one" in html
    assert answer.headers["Cache-Control"] == "no-store"
    again = Fields(html).found
    assert again["variant_name"] == ["Rust", "Moss"]

    assert_one_product("MUG-1", demo.post(page(draft), again))
    assert Product.objects.get().title == 'A "mug" <b>'
    assert Product.objects.get().variants.count() == 2


@pytest.mark.parametrize("error", [OperationalError, InternalError, InterfaceError])
def test_a_save_that_meets_no_database_at_all_loses_nothing(
    demo: Client, draft: UUID, error: type[DatabaseError]
) -> None:
    """Not even the user can be read then."""
    connection.close()
    with patch.object(connection, "get_new_connection", side_effect=error("could not connect")):
        answer = demo.post(page(draft), sent(rows={"a1": "Rust"}))
        refused = demo.post(UPLOAD, {"file": image(), "draft": str(draft)})

    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")
    assert refused.json()["error"]["code"] == "server_error"
    assert_one_product("MUG-1", demo.post(page(draft), Fields(answer.content.decode()).found))
    assert Product.objects.get().variants.count() == 1


def test_a_save_that_finds_another_one_under_way_says_so(demo: Client, draft: UUID) -> None:
    """It also does not wait a second time, which would end in the page that holds the form."""
    form = sent(description="All that text")
    with held_draft(draft):
        answer = demo.post(page(draft), form)

    html = answer.content.decode()
    assert answer.status_code == 503
    assert "somebody else, or another tab of yours, is saving right now" in html
    assert "the database did not answer" not in html
    assert "All that text" in html
    assert f'action="?draft={draft}"' in html
    assert_one_product("MUG-1", demo.post(page(draft), form))


def test_an_edit_cut_before_its_commit_comes_back_as_it_was_sent(demo: Client, draft: UUID) -> None:
    demo.post(page(draft), sent())
    product = Product.objects.get()
    edit = demo.get(f"/marketing/product/{product.pk}/edit/").headers["Location"]
    with cut_commit(counted=False):
        answer = demo.post(edit, sent(title="A larger mug"))

    assert answer.status_code == 503
    assert "A larger mug" in answer.content.decode()
    assert demo.post(edit, sent(title="A larger mug")).status_code == 302
    assert Product.objects.get().title == "A larger mug"


def test_double_clicks_on_two_threads_make_one_product_each(demo: Client, user: User) -> None:
    session = demo.cookies[settings.SESSION_COOKIE_NAME].value
    for number in range(5):
        draft, form = new_draft(demo), sent(sku=f"SKU-{number}")

        def click(address: str = page(draft), form: dict[str, Any] = form) -> Any:
            client = Client()
            client.cookies[settings.SESSION_COOKIE_NAME] = session
            return client.post(address, form)

        for answer in race(click, click):
            assert_one_product(f"SKU-{number}", answer)
    assert Product.objects.count() == 5


def test_a_second_save_with_another_payload_leads_to_the_product_of_the_first(demo: Client, draft: UUID) -> None:
    demo.post(page(draft), sent(title="First"))
    answer = demo.post(page(draft), sent(title="Second", sku="OTHER"))

    assert_one_product("MUG-1", answer)
    assert list(Product.objects.values_list("title", flat=True)) == ["First"]


def test_the_api_routes_say_it_in_json(demo: Client, user: User, draft: UUID) -> None:
    with cut_commit(counted=False):
        answer = demo.post(UPLOAD, {"file": image(), "draft": str(draft)})

    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "server_error"
    assert answer.json()["error"]["retryable"]
    upload(demo, draft=str(draft))
    assert len(api.find_draft(user, draft, api.Target("product")).images) == 1
