from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from tests.support.images.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def mug(own_disk: Path) -> str:
    """A permanent image on the disk, with a neighbour that is temporary; the address of the first."""
    for folder in ("product_files/7", "temp_product_files/demo_1"):
        (own_disk / "files" / "media" / folder).mkdir(parents=True)
        (own_disk / "files" / "media" / folder / "mug.jpg").write_bytes(picture())
    return "/media/product_files/7/mug.jpg"


def test_serves_an_image_for_good(demo: Client, mug: str) -> None:
    answer = demo.get(mug)

    assert answer.content == picture()
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_needs_a_sign_in_and_a_permission(mug: str, make_client: Callable[..., Client]) -> None:
    assert Client().get(mug).status_code == 302
    assert make_client("stranger").get(mug).status_code == 403
    assert make_client("viewer", "view").get(mug).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/media/temp_product_files/demo_1/mug.jpg",
        "/media/product_files/../temp_product_files/demo_1/mug.jpg",
        "/media/product_files/%2e%2e/temp_product_files/demo_1/mug.jpg",
        "/media/product_files/../../../secret_key",
        "/media/product_files/7",
        "/media/product_files/7/",
        "/media/product_files/7/none.jpg",
        "/media/product_files/7/mug.html",
    ],
)
def test_serves_nothing_else(demo: Client, path: str) -> None:
    assert demo.get(path).status_code == 404


def test_cannot_be_written_to(demo: Client, mug: str) -> None:
    assert demo.post(mug).status_code == 405
