"""Opening the form page, returning to it, and every way a save can end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from erp.marketing.models import Product, ProductFile
from tests.support.servers.multipart import CREATE, add_to, new_draft, sent, upload
from uploads import api
from uploads.models import Draft, File

pytestmark = pytest.mark.django_db(transaction=True)

NEW = api.Target("product")


def page(draft: UUID) -> str:
    return f"{CREATE}?draft={draft}"


def drafts_named(client: Client) -> list[str]:
    named: list[str] = client.session.get("temp_product_files", {"drafts": []})["drafts"]
    return named


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


# --- Opening


def test_a_visit_leads_to_a_draft_in_the_address(demo: Client, user: User) -> None:
    answer = demo.get(CREATE)

    (draft,) = drafts_named(demo)
    assert answer.headers["Location"] == f"{CREATE}?draft={draft}"
    assert len(api.find_draft(user, UUID(draft), NEW).images) == 0


def test_a_second_visit_comes_back_to_the_same_draft(demo: Client, draft: UUID) -> None:
    assert demo.get(CREATE).headers["Location"] == page(draft)


def test_another_product_gets_a_draft_of_its_own(demo: Client, draft: UUID) -> None:
    assert new_draft(demo) != draft
    assert len(drafts_named(demo)) == 2


def test_the_page_carries_what_the_window_needs(demo: Client, user: User, draft: UUID) -> None:
    html = text_of(demo.get(page(draft)))

    for part in (
        f'action="?draft={draft}"',
        '<input type="hidden" name="without" value="">',
        '<template id="variant-row-template">',
        'id="save">Create Product</button>',
        f'data-draft="{draft}"',
        f'data-user="{user.pk}"',
        f'<meta name="manage-files" data-user="{user.pk}" data-wanted="/uploads/wanted/">',
        'method="post" data-sign-out action="/accounts/logout/">',
        f'data-socket="/ws/uploads/{draft}/"',
        'data-cleanup="/marketing/api/cleanup_temp_files/"',
        'data-sign-in="/accounts/login/"',
        f'data-restart="{CREATE}?new=1"',
        'data-leave="/marketing/"',
        'data-accept="image/jpeg,image/png,image/webp,image/avif,image/heic,image/heif,.heic,.heif,.hif"',
    ):
        assert part in html


def test_the_page_is_never_cached_and_allows_no_inline_code(demo: Client, draft: UUID) -> None:
    answer = demo.get(page(draft))

    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<style" not in text_of(answer)
    assert " style=" not in text_of(answer)
    assert text_of(answer).count("<script") == text_of(answer).count('<script type="module" src="')


def test_missing_and_foreign_drafts_are_not_found(
    demo: Client, draft: UUID, make_client: Callable[..., Client]
) -> None:
    sam = make_client("sam", "add")

    for client, address in ((demo, page(uuid4())), (sam, page(draft)), (demo, f"{CREATE}?draft=nonsense")):
        assert client.get(address).status_code == 404
        assert client.post(address, sent()).status_code == 404
    assert not Product.objects.exists()


def test_opening_needs_a_sign_in_and_the_permission(make_client: Callable[..., Client]) -> None:
    assert Client().get(CREATE).headers["Location"].startswith("/accounts/login/")
    assert make_client("viewer", "view").get(CREATE).status_code == 403


def test_too_many_drafts_are_refused_on_a_page(demo: Client) -> None:
    for _ in range(20):
        new_draft(demo)

    answer = demo.get(f"{CREATE}?new=1")

    assert answer.status_code == 429
    assert "too many unsaved products" in text_of(answer)


def test_the_page_of_a_saved_draft_is_the_product(demo: Client, draft: UUID) -> None:
    demo.post(page(draft), sent())

    answer = demo.get(page(draft))

    assert answer.headers["Location"] == Product.objects.get().get_absolute_url()


def test_a_lost_draft_is_replaced_and_its_images_are_named(demo: Client, user: User, draft: UUID) -> None:
    upload(demo, "front.jpg")
    api.discard(user, draft)

    answer = demo.get(page(draft), follow=True)

    assert "This product was discarded." in text_of(answer)
    assert "front.jpg" in text_of(answer)
    assert f"lost={draft}" in answer.request["QUERY_STRING"]
    (replacement,) = drafts_named(demo)
    assert replacement != str(draft)
    assert f'data-draft="{replacement}"' in text_of(answer)


@pytest.mark.parametrize(("reason", "title"), [("grace", "Enamel mug"), ("idle", "Enamel mug"), ("discard", "")])
def test_the_text_of_a_new_product_outlives_its_draft_unless_it_was_thrown_away(
    demo: Client, draft: UUID, reason: str, title: str
) -> None:
    rows = [{"temp_id": "v1", "label": "Red"}] if title else []
    noted = {"fields": '{"title": ["Enamel mug"]}', "variants": [{"temp_id": "v1", "label": "Red"}]}
    Draft.objects.filter(pk=draft).update(state="expired", end_reason=reason, ended_at=timezone.now(), **noted)

    answer = demo.get(page(draft), follow=True)

    assert answer.context["form"].initial.get("title", "") == title
    assert Draft.objects.get(pk=answer.context["draft"].id).variants == rows
    assert ("Your text is still here." in text_of(answer)) == bool(title)
    # Discarded text waits to be restored.
    assert (f'formaction="/marketing/draft/{draft}/restore/"' in text_of(answer)) == (not title)


def test_the_address_of_an_expired_draft_leads_to_the_same_new_one_again(demo: Client, draft: UUID) -> None:
    ended = {"state": "expired", "end_reason": "grace", "ended_at": timezone.now()}
    Draft.objects.filter(pk=draft).update(fields='{"title": ["Enamel mug"]}', **ended)
    first, second = demo.get(page(draft)), demo.get(page(draft))
    assert first.headers["Location"] == second.headers["Location"]


def test_a_new_product_never_opens_a_draft_with_work_in_it_and_offers_it(demo: Client, draft: UUID) -> None:
    upload(demo, draft=str(draft))
    Draft.objects.filter(pk=draft).update(fields='{"title": ["Blue mug"]}')

    answer = demo.get(CREATE, follow=True)

    html = " ".join(text_of(answer).split())
    assert answer.context["draft"].id != draft
    assert "Unsaved product “<bdi>Blue mug</bdi>”</strong>, 1 image" in html
    assert f'href="{page(draft)}"' in html
    # Its own page offers nothing else, and neither does one with changes.
    assert "data-action" not in text_of(demo.get(page(draft)))


def test_a_page_that_restores_its_images_gets_a_draft_with_its_text(demo: Client, draft: UUID) -> None:
    """Two tabs of one expired draft continue in the same new draft."""
    ended = {"state": "expired", "end_reason": "grace", "ended_at": timezone.now()}
    Draft.objects.filter(pk=draft).update(fields='{"title": ["Blue mug"]}', **ended)

    new = [demo.get(f"{CREATE}?new=1&instead_of={draft}").headers["Location"] for _ in range(2)]

    assert new[0] == new[1]
    assert Draft.objects.get(pk=UUID(new[0].partition("draft=")[2])).fields == '{"title":["Blue mug"]}'
    assert api.kept_texts(User.objects.get(username="demo"), "product") == []


def test_the_text_of_an_edit_waits_to_be_restored(demo: Client, draft: UUID) -> None:
    upload(demo)
    demo.post(page(draft), sent())
    edit = f"/marketing/product/{Product.objects.get().pk}/edit/"
    old = UUID(demo.get(edit).headers["Location"].partition("draft=")[2])
    ended = {"state": "expired", "end_reason": "grace", "ended_at": timezone.now()}
    Draft.objects.filter(pk=old).update(fields='{"title": ["Better mug"]}', **ended)

    answer = demo.get(f"{edit}?draft={old}", follow=True)

    assert answer.context["form"].initial["title"] == "Mug"
    assert f'formaction="/marketing/draft/{old}/restore/"' in text_of(answer)


@pytest.mark.parametrize("reason", ["grace", "discard"])
@pytest.mark.parametrize("way", ["get", "post"])
def test_only_what_expired_is_offered_from_the_browser(demo: Client, draft: UUID, reason: str, way: str) -> None:
    Draft.objects.filter(pk=draft).update(state="expired", end_reason=reason, lost_names=["front.jpg"])

    answer = demo.get(page(draft), follow=True) if way == "get" else demo.post(page(draft), sent())

    offered = draft if reason == "grace" else ""
    assert f'data-lost-draft="{offered}"' in text_of(answer)
    assert '<ul class="tombstones" data-lost-files><li><bdi>front.jpg</bdi></li></ul>' in text_of(answer)


def test_a_reload_brings_back_text_variants_and_rows(demo: Client, user: User) -> None:
    """Text and rows are normally set over the socket; here they are written directly."""
    draft = api.open_draft(user, NEW, fresh=True, variants=[("a1", "Rust"), ("b2", "Moss")])
    Draft.objects.filter(pk=draft.id).update(fields='{"title": ["Half a mug"]}')

    html = text_of(demo.get(page(draft.id)))

    assert 'value="Half a mug"' in html
    assert html.index('data-temp-id="a1"') < html.index('value="Rust"') < html.index('data-temp-id="b2"')


# --- Saving


def test_a_double_click_makes_one_product(demo: Client, draft: UUID) -> None:
    upload(demo)

    first = demo.post(page(draft), sent())
    second = demo.post(page(draft), sent())

    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"]
    assert Product.objects.count() == 1
    assert ProductFile.objects.count() == 1


def test_an_invalid_form_comes_back_filled_in_and_leaves_the_draft(demo: Client, user: User, draft: UUID) -> None:
    upload(demo)

    answer = demo.post(page(draft), sent(title="", description="All that text", rows={"a1": "Rust"}))

    html = text_of(answer)
    assert answer.status_code == 422
    assert "This field is required." in html
    assert "All that text" in html
    assert 'value="Rust"' in html
    assert len(api.find_draft(user, draft, NEW).images) == 1
    assert drafts_named(demo) == [str(draft)]
    assert demo.post(page(draft), sent()).status_code == 302


def test_a_taken_sku_is_said_at_its_field(demo: Client, draft: UUID) -> None:
    Product.objects.create(title="Other", sku="MUG-1", price=1)

    answer = demo.post(page(draft), sent())

    assert answer.status_code == 422
    assert "Another product has this SKU." in text_of(answer)


def test_a_form_whose_draft_is_gone_comes_back_with_a_new_one(demo: Client, user: User, draft: UUID) -> None:
    upload(demo, "front.jpg")
    api.discard(user, draft)

    answer = demo.post(page(draft), sent(description="All that text", rows={"a1": "Rust"}))

    (replacement,) = drafts_named(demo)
    html = text_of(answer)
    assert answer.status_code == 410
    assert f'action="?draft={replacement}"' in html
    assert "front.jpg" in html
    assert "Your text is still here." in html
    assert "All that text" in html
    assert api.find_draft(user, UUID(replacement), NEW).variants == [("a1", "Rust")]
    assert not Product.objects.exists()


@pytest.fixture
def unfinished(demo: Client, draft: UUID) -> File:
    """A stored image, and one whose bytes are still being uploaded."""
    upload(demo, "stored.jpg")
    stored = File.objects.get(draft=draft)
    return File.objects.create(
        id=uuid4(),
        draft_id=draft,
        name="slow.jpg",
        size=9,
        content_type="image/jpeg",
        file_type="main_image",
        sequence=1,
        store_key=f"{stored.store_key}-slow",
    )


def test_unfinished_images_hold_a_save_back(demo: Client, draft: UUID, unfinished: File) -> None:
    answer = demo.post(page(draft), sent(title="Half sent"))

    html = text_of(answer)
    assert answer.status_code == 409
    assert "slow.jpg" in html
    assert 'value="Half sent"' in html
    assert f'name="without" value="{unfinished.pk}"' in html
    assert not Product.objects.exists()


def test_a_save_without_the_unfinished_goes_through(demo: Client, draft: UUID, unfinished: File) -> None:
    answer = demo.post(page(draft), sent(without=["", str(unfinished.pk)]))

    assert answer.status_code == 302
    assert list(ProductFile.objects.values_list("name", flat=True)) == ["stored.jpg"]


def test_the_draft_of_one_product_cannot_be_saved_as_another(demo: Client, user: User, draft: UUID) -> None:
    product = Product.objects.create(title="Other", sku="OTHER", price=1)

    answer = demo.post(f"/marketing/product/{product.pk}/edit/?draft={draft}", sent(title="Mixed up"))

    assert answer.status_code == 404
    product.refresh_from_db()
    assert product.title == "Other"
    assert api.find_draft(user, draft, NEW).id == draft


def test_an_edited_product_has_one_draft_with_its_images(demo: Client, user: User, draft: UUID) -> None:
    upload(demo, "front.jpg")
    demo.post(page(draft), sent())
    edit = f"/marketing/product/{Product.objects.get().pk}/edit/"

    first, second = demo.get(edit), demo.get(f"{edit}?new=1")

    assert first.headers["Location"] == second.headers["Location"]
    opened = UUID(first.headers["Location"].partition("draft=")[2])
    add_to(user, opened, "back.jpg")
    assert len(api.find_draft(user, opened, api.Target("product", str(Product.objects.get().pk))).images) == 2
