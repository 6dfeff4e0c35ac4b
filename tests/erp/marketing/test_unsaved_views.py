"""What a user can do with unsaved products outside their forms."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client

from erp.marketing.models import Product
from erp.marketing.unsaved_products import kept_products, unsaved_products
from tests.support.servers.multipart import CREATE, new_draft, sent, upload
from uploads import api
from uploads.models import Draft, Process, Socket

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/marketing/"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def path(draft: UUID, verb: str) -> str:
    return f"/marketing/draft/{draft}/{verb}/"


@pytest.fixture
def typed(demo: Client, draft: UUID) -> UUID:
    """A new product with a title and an image."""
    upload(demo, "front.jpg", draft=str(draft))
    Draft.objects.filter(pk=draft).update(fields='{"title": ["Blue mug"]}')
    return draft


@pytest.fixture
def opened(typed: UUID) -> UUID:
    """Make it open in a tab."""
    process = Process.objects.create(id=uuid4(), lease_ms=10**12)
    Socket.objects.create(draft_id=typed, process=process, opened_ms=0)
    Draft.objects.filter(pk=typed).update(state="open", deadline_ms=None)
    return typed


def test_discarding_asks_first_says_what_goes_and_keeps_the_text(demo: Client, user: User, typed: UUID):
    Draft.objects.filter(pk=typed).update(reordered=True)
    question = text_of(demo.get(path(typed, "discard")))

    assert "Discard “<bdi>Blue mug</bdi>”?" in question
    assert "<li>1 image</li><li>the order of the images</li>" in question
    assert "What you typed is kept under “Unsaved products” for 7 days." in question
    assert Draft.objects.get(pk=typed).state == "grace"
    assert demo.post(path(typed, "discard")).headers["Location"] == LIST
    assert Draft.objects.get(pk=typed).end_reason == "discard"
    assert "temp_product_files" not in demo.session
    assert [kept.title for kept in kept_products(user)] == ["Blue mug"]


def test_what_is_gone_already_needs_no_question(demo: Client, typed: UUID):
    demo.post(path(typed, "discard"))
    demo.post(path(typed, "delete_text"))

    for verb in ("discard", "delete_text"):
        assert demo.get(path(typed, verb)).headers["Location"] == LIST
        assert demo.post(path(typed, verb)).headers["Location"] == LIST


def test_restoring_leads_to_a_form_with_the_text_and_names_the_images(demo: Client, user: User, typed: UUID):
    api.discard(user, typed)

    answer = demo.post(path(typed, "restore"))
    page = demo.get(answer.headers["Location"])

    assert answer.headers["Location"].endswith(f"&lost={typed}")
    assert page.context["form"].initial["title"] == "Blue mug"
    assert "Your text is still here." in text_of(page)
    assert "<bdi>front.jpg</bdi>" in text_of(page)
    assert kept_products(user) == []
    assert demo.post(path(typed, "restore")).headers["Location"] == answer.headers["Location"]
    assert demo.get(path(typed, "restore")).status_code == 405


def test_restoring_changes_opens_the_product_with_them(demo: Client, user: User, draft: UUID):
    upload(demo)
    demo.post(f"{CREATE}?draft={draft}", sent(rows={"a1": "Rust"}))
    edit = f"/marketing/product/{Product.objects.get().pk}/edit/"
    old = UUID(demo.get(edit).headers["Location"].partition("draft=")[2])
    Draft.objects.filter(pk=old).update(fields='{"title": ["Better mug"]}')
    api.discard(user, old)

    page = demo.get(demo.post(path(old, "restore")).headers["Location"])

    assert page.context["product"] == Product.objects.get()
    assert page.context["form"].initial["title"] == "Better mug"
    assert [row.temp_id for row in page.context["form"].rows] == [
        variant.temp_id for variant in Product.objects.get().variants.all()
    ]
    assert len(page.context["draft"].images) == 1


def test_restoring_what_is_gone_says_so(demo: Client, user: User, typed: UUID):
    assert "This text was already restored or deleted." in text_of(demo.post(path(uuid4(), "restore"), follow=True))
    api.discard(user, typed)
    demo.post(path(typed, "delete_text"))
    assert "This text was already restored or deleted." in text_of(demo.post(path(typed, "restore"), follow=True))


def test_keeping_leads_back_and_refuses_the_sixth(demo: Client, user: User, typed: UUID):
    assert demo.post(path(typed, "keep"), {"next": "/marketing/?page=1"}).headers["Location"] == "/marketing/?page=1"
    assert demo.post(path(typed, "keep"), {"next": "https://evil.example/"}).headers["Location"] == LIST
    assert Draft.objects.get(pk=typed).keep_until_ms is not None
    for _ in range(4):
        demo.post(path(new_draft(demo), "keep"))

    answer = demo.post(path(new_draft(demo), "keep"), follow=True)

    assert "You already keep as many unsaved products as you can." in text_of(answer)


def test_the_window_is_answered_in_json(demo: Client, typed: UUID):
    assert demo.post(path(typed, "keep"), headers={"accept": "application/json"}).status_code == 204
    answer = demo.post(path(uuid4(), "keep"), headers={"accept": "application/json"})
    assert (answer.status_code, list(answer.json())) == (404, ["message"])


def test_what_this_tab_has_just_left_is_not_open_in_another_one(demo: Client, opened: UUID):
    assert "open in another tab" in text_of(demo.get(LIST))
    left = {"referer": f"http://testserver{CREATE}?draft={opened}"}
    for answer in (demo.get(LIST, headers=left), demo.get("/marketing/unsaved/", {"left": str(opened)})):
        assert "open in another tab" not in text_of(answer)
        assert "kept until <time" in text_of(answer)


def test_the_part_of_the_page_is_what_the_page_shows(demo: Client, typed: UUID):
    part = text_of(demo.get("/marketing/unsaved/"))
    assert part.startswith("<section")
    assert part in text_of(demo.get(LIST))


def test_the_notice_is_about_what_was_left_and_is_not_open(demo: Client, opened: UUID):
    address = "/marketing/unsaved/left/"
    assert text_of(demo.get(address)) == ""
    assert text_of(demo.get(address, {"draft": "nonsense"})) == ""
    assert text_of(demo.get(address, {"draft": str(opened)})) == ""

    notice = text_of(demo.get(address, {"draft": str(opened), "left": str(opened)}))

    assert "Unsaved product “<bdi>Blue mug</bdi>”" in notice
    assert "Kept until <time" in notice


def test_nobody_touches_the_work_of_others(demo: Client, user: User, make_client, typed: UUID):
    eve = make_client("eve", "add", "view")
    for verb in ("keep", "discard", "restore", "delete_text"):
        eve.post(path(typed, verb))
    assert "Blue mug" not in text_of(eve.get("/marketing/unsaved/"))
    assert Draft.objects.get(pk=typed).state == "grace"
    api.discard(user, typed)
    for verb in ("restore", "delete_text"):
        eve.post(path(typed, verb))
    assert [kept.title for kept in kept_products(user)] == ["Blue mug"]
    assert unsaved_products(User.objects.get(username="eve")) == []


def test_who_may_only_look_has_no_drafts(make_client):
    guest = make_client("guest", "view")
    for address in ("/marketing/unsaved/", "/marketing/unsaved/left/", path(uuid4(), "discard")):
        assert guest.get(address).status_code == 403
    assert "data-live-part" not in text_of(guest.get(LIST))
