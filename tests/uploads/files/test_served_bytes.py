"""What is sent of a file, and to whom. Without a server, so that each guard can be removed under the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import RequestFactory

from erp.marketing.media import product_file
from tests.support.images.pictures import picture
from tests.support.wire.draft_driver import Driver
from uploads.files.views import file_bytes


def request_of(user: User | AnonymousUser) -> Any:
    request = RequestFactory().get("/")
    request.user = user
    return request


def let_open_drafts(*users: User) -> None:
    """Grants the right to the product, so that only the file decides."""
    for user in users:
        user.user_permissions.set(Permission.objects.filter(codename__in=["add_product", "change_product"]))


def test_the_file_of_a_draft_is_its_owners(driver: Driver, other_user: User):
    let_open_drafts(driver.user, other_user)
    file_id = driver.store()

    def is_shown(user: User | AnonymousUser) -> bool:
        try:
            file_bytes(request_of(user), file_id).close()
        except Http404:
            return False
        return True

    assert [is_shown(one) for one in (driver.user, other_user, AnonymousUser())] == [True, False, False]


def test_the_bytes_are_an_image_and_nothing_else(driver: Driver):
    let_open_drafts(driver.user)
    answer = file_bytes(request_of(driver.user), driver.store())
    answer.close()

    expected = {
        "Content-Type": "image/jpeg",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer.headers.get(name) for name in expected} == expected


def test_a_products_image_is_for_those_who_see_products(other_user: User, own_disk: Path):
    folder = own_disk / "files/media/product_files/7"
    folder.mkdir(parents=True)
    (folder / "mug.jpg").write_bytes(picture())
    other_user.user_permissions.clear()

    with pytest.raises(PermissionDenied):
        product_file(request_of(other_user), 7, "mug.jpg").close()


def test_nothing_but_an_image_is_served(own_disk: Path, transactional_db: None):
    folder = own_disk / "files/media/product_files/7"
    folder.mkdir(parents=True)
    owner = User.objects.create_superuser("root", password="x")
    for name in ("mug.html", "mug.svg", "mug", "mug.jpg.html"):
        (folder / name).write_text("<script>alert(1)</script>")
        with pytest.raises(Http404):
            product_file(request_of(owner), 7, name).close()
