"""The pages and the two API routes, as a browser uses them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import F
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from erp.marketing.models import Product, ProductFile, ProductVariant
from tests.support.servers.multipart import (
    CLEANUP,
    CREATE,
    UPLOAD,
    add_to,
    bytes_at,
    image,
    new_draft,
    sent,
    upload,
)
from uploads import api
from uploads.models import File

pytestmark = pytest.mark.django_db(transaction=True)


def create(client: Client, draft: UUID, **fields: Any) -> Product:
    """Save the draft as a product."""
    answer = client.post(f"{CREATE}?draft={draft}", sent(**fields))
    assert answer.status_code == 302, answer.content
    return Product.objects.get(pk=answer.headers["Location"].split("/")[3])


def edit(client: Client, product: Product) -> tuple[str, UUID]:
    """Open the product for editing; return the page's URL and its draft."""
    address = client.get(f"/marketing/product/{product.pk}/edit/").headers["Location"]
    return address, UUID(address.partition("draft=")[2])


def linked(product: Product) -> list[tuple[str | None, str, int, bool]]:
    rows = product.files.order_by(F("variant__sequence").asc(nulls_first=True), "sequence")
    return [(row.variant.name if row.variant else None, row.name, row.sequence, row.is_primary) for row in rows]


# --- temp_upload_file and cleanup_temp_files


def test_an_upload_is_answered_in_the_seeds_shape(demo: Client, draft: UUID) -> None:
    answer = demo.post(UPLOAD, {"file": image("mug.jpg"), "file_type": "main_image", "sequence": "0"})

    body = answer.json()
    assert body.keys() == {"success", "file_data"}
    assert body["success"] is True
    assert body["file_data"].keys() == {"url", "public_id", "name", "sequence"}
    assert body["file_data"]["public_id"].startswith("media/temp_product_files/demo_")
    assert (body["file_data"]["name"], body["file_data"]["sequence"]) == ("mug.jpg", 0)
    assert bytes_at(demo, body["file_data"]["url"]).startswith(b"\xff\xd8")


@pytest.mark.parametrize("name", ["🫎.jpg", "👨\u200d👩\u200d👧.jpg", "क्\u200dष.jpg"])
def test_an_upload_keeps_its_name(demo: Client, draft: UUID, name: str) -> None:
    assert upload(demo, name)["name"] == name


def test_an_upload_goes_to_the_newest_draft_of_the_session(demo: Client, user: User, draft: UUID) -> None:
    newest = new_draft(demo)

    upload(demo)

    assert len(api.find_draft(user, newest, api.Target("product")).images) == 1
    assert len(api.find_draft(user, draft, api.Target("product")).images) == 0


def test_an_upload_goes_to_the_draft_it_names(demo: Client, user: User, draft: UUID) -> None:
    new_draft(demo)

    upload(demo, draft=str(draft))

    assert len(api.find_draft(user, draft, api.Target("product")).images) == 1


def test_an_upload_without_a_visit_opens_a_draft_and_names_it(demo: Client, user: User) -> None:
    upload(demo)

    (draft,) = demo.session["temp_product_files"]["drafts"]
    assert len(api.find_draft(user, UUID(draft), api.Target("product")).images) == 1


def test_uploads_take_the_places_they_ask_for(demo: Client, draft: UUID) -> None:
    upload(demo, "second.jpg")
    upload(demo, "first.jpg", sequence="0")

    assert [row[1] for row in linked(create(demo, draft))] == ["first.jpg", "second.jpg"]


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "bad_message"),
        ({"file": image(), "sequence": "-1"}, 400, "bad_message"),
        ({"file": image(), "sequence": "9" * 5000}, 400, "bad_message"),
        ({"file": image(), "file_type": "variant_image", "variant_temp_id": "unknown"}, 400, "unknown_variant"),
        ({"file": image(), "draft": "nonsense"}, 404, "draft_not_found"),
        ({"file": image(), "draft": str(uuid4())}, 404, "draft_not_found"),
    ],
)
def test_a_wrong_upload_is_refused(demo: Client, draft: UUID, fields: dict[str, Any], status: int, code: str) -> None:
    if "file" in fields:
        fields = {**fields, "file": image()}

    answer = demo.post(UPLOAD, fields)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not File.objects.filter(draft=draft).exists()


def test_what_is_no_image_is_refused(demo: Client, draft: UUID) -> None:
    answer = demo.post(UPLOAD, {"file": SimpleUploadedFile("mug.jpg", b"<script>alert(1)</script>", "image/jpeg")})

    assert answer.status_code == 415
    assert answer.json()["error"]["retryable"] is False


def test_nobody_uploads_into_the_draft_of_somebody_else(draft: UUID, make_client: Callable[..., Client]) -> None:
    answer = make_client("sam", "add").post(UPLOAD, {"file": image(), "draft": str(draft)})

    assert answer.status_code == 404
    assert not File.objects.exists()


def test_a_cleanup_takes_the_files_and_the_name_of_the_draft(demo: Client, user: User, draft: UUID) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        upload(demo, name)

    answer = demo.post(CLEANUP)

    assert answer.json() == {"success": True, "deleted": 3, "errors": []}
    assert "temp_product_files" not in demo.session
    with pytest.raises(api.DraftGone):
        api.find_draft(user, draft, api.Target("product"))


def test_a_cleanup_takes_the_draft_it_names_and_no_other(demo: Client, user: User, draft: UUID) -> None:
    kept = new_draft(demo)

    demo.post(CLEANUP, {"draft": str(draft)})

    assert demo.session["temp_product_files"] == {"drafts": [str(kept)]}
    assert api.live_drafts(user, [draft, kept]) == [kept]


def test_a_cleanup_never_touches_the_draft_of_somebody_else(
    demo: Client, user: User, draft: UUID, make_client: Callable[..., Client]
) -> None:
    answer = make_client("sam", "add").post(CLEANUP, {"draft": str(draft)})

    assert answer.json() == {"success": True, "deleted": 0, "errors": []}
    assert api.live_drafts(user, [draft]) == [draft]


# --- Creating


def test_a_saved_product_has_its_images_in_order_and_the_session_forgets(demo: Client, draft: UUID) -> None:
    for name in ("front.jpg", "back.jpg"):
        upload(demo, name)

    product = create(demo, draft)

    assert linked(product) == [(None, "front.jpg", 0, True), (None, "back.jpg", 1, False)]
    assert "temp_product_files" not in demo.session


def test_every_image_shows_right_after_the_redirect(demo: Client, draft: UUID) -> None:
    """None has been promoted, so they are shown from wherever their bytes are."""
    for name in ("front.jpg", "back.jpg"):
        upload(demo, name)

    page = demo.get(create(demo, draft).get_absolute_url()).content.decode()

    for file in ProductFile.objects.all():
        assert f'<img src="{file.file_url}?w=' in page
        assert demo.get(f"{file.file_url}?w=320").headers["Content-Type"] == "image/webp"
        assert bytes_at(demo, file.file_url).startswith(b"\xff\xd8")
    assert page.count('<span class="badge">Primary</span>') == 1


def test_variant_images_are_linked_by_temporary_id(demo: Client, user: User) -> None:
    draft = api.open_draft(user, api.Target("product"), fresh=True, variants=[("a1", "Rust"), ("b2", "Moss")]).id
    upload(demo, "main.jpg", draft=str(draft))
    for name, temp_id in (("moss.jpg", "b2"), ("rust.jpg", "a1"), ("rust-back.jpg", "a1")):
        upload(demo, name, draft=str(draft), file_type="variant_image", variant_temp_id=temp_id)

    product = create(demo, draft, rows={"b2": "Moss green", "a1": "Rust"})

    assert linked(product) == [
        (None, "main.jpg", 0, True),
        ("Moss green", "moss.jpg", 0, False),
        ("Rust", "rust.jpg", 0, False),
        ("Rust", "rust-back.jpg", 1, False),
    ]


def test_images_of_a_variant_the_form_does_not_have_stop_the_save(demo: Client, user: User) -> None:
    draft = api.open_draft(user, api.Target("product"), fresh=True, variants=[("a1", "Rust")]).id
    upload(demo, "rust.jpg", draft=str(draft), file_type="variant_image", variant_temp_id="a1")

    answer = demo.post(f"{CREATE}?draft={draft}", sent(rows={"zz": "Made up"}))

    assert answer.status_code == 422
    assert "belong to a variant that is not in this form" in answer.content.decode()
    assert not Product.objects.exists()
    assert not ProductVariant.objects.exists()
    assert len(api.find_draft(user, draft, api.Target("product")).images) == 1


def test_a_product_needs_no_images(demo: Client, draft: UUID) -> None:
    assert linked(create(demo, draft)) == []


# --- Editing


def test_an_edit_adds_images_and_keeps_those_it_had(demo: Client, user: User, draft: UUID) -> None:
    upload(demo, "front.jpg")
    product = create(demo, draft)
    address, editing = edit(demo, product)
    add_to(user, editing, "back.jpg")

    demo.post(address, sent(title="Better mug"))

    product.refresh_from_db()
    assert product.title == "Better mug"
    assert linked(product) == [(None, "front.jpg", 0, True), (None, "back.jpg", 1, False)]


def test_two_edits_at_once_keep_the_images_of_both(
    demo: Client, user: User, draft: UUID, make_client: Callable[..., Client]
) -> None:
    upload(demo, "front.jpg")
    product = create(demo, draft)
    sam = make_client("sam", "change")
    (mine, my_draft), (theirs, their_draft) = edit(demo, product), edit(sam, product)
    add_to(user, my_draft, "mine.jpg")
    add_to(User.objects.get(username="sam"), their_draft, "theirs.jpg")

    sam.post(theirs, sent())
    demo.post(mine, sent())

    assert [row[1] for row in linked(product)] == ["front.jpg", "mine.jpg", "theirs.jpg"]


def test_an_edit_needs_its_own_permission(demo: Client, draft: UUID, make_client: Callable[..., Client]) -> None:
    product = create(demo, draft)

    assert make_client("adder", "add").get(f"/marketing/product/{product.pk}/edit/").status_code == 403
    assert make_client("changer", "change").get(f"/marketing/product/{product.pk}/edit/").status_code == 302


def test_a_product_that_is_gone_is_not_found(demo: Client) -> None:
    for address in ("/marketing/product/99/", "/marketing/product/99/edit/", "/marketing/product/99/delete/"):
        assert demo.get(address).status_code == 404


# --- Viewing and deleting


def test_deleting_asks_first_and_lets_the_files_go(demo: Client, user: User, draft: UUID) -> None:
    upload(demo)
    product = create(demo, draft)
    address = f"/marketing/product/{product.pk}/delete/"

    assert "1 image" in demo.get(address).content.decode()
    demo.post(address)

    assert not Product.objects.exists()
    assert set(File.objects.values_list("state", flat=True)) <= {"deleting", "deleted"}


def test_deleting_needs_its_own_permission(demo: Client, draft: UUID, make_client: Callable[..., Client]) -> None:
    product = create(demo, draft)

    assert make_client("changer", "change").post(f"/marketing/product/{product.pk}/delete/").status_code == 403
    assert Product.objects.exists()


def test_the_list_costs_the_same_however_long_it_is(
    demo: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        product = Product.objects.create(title=f"Mug {number}", sku=f"MUG-{number}", price=1)
        ProductFile.objects.create(product=product, upload=uuid4(), file_url="/x", name="mug.jpg", sequence=0)

    with django_assert_max_num_queries(10):
        page = demo.get("/marketing/").content.decode()

    assert page.index("Mug 29") < page.index("Mug 28")
    assert "Page 1 of 2" in page


def test_looking_needs_a_sign_in_and_a_permission(make_client: Callable[..., Client]) -> None:
    assert Client().get("/marketing/").headers["Location"] == "/accounts/login/?next=/marketing/"
    assert make_client("stranger").get("/marketing/").status_code == 403
    viewer = make_client("viewer", "view").get("/marketing/").content.decode()
    assert "Create product" not in viewer
