from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from pytest_django import Settings

from tests.support.images.pictures import picture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def mug(own_disk: Path) -> str:
    """A permanent image on disk beside a temporary one; returns the URL of the first."""
    (own_disk / "files/media/product_files/7").mkdir(parents=True)
    for name in ("mug.html", "mug.svg"):
        (own_disk / "files/media/product_files/7" / name).write_text("<script>alert(1)</script>")
    for folder in ("product_files/7", "temp_product_files/demo_1"):
        (own_disk / "files" / "media" / folder).mkdir(parents=True, exist_ok=True)
        (own_disk / "files" / "media" / folder / "mug.jpg").write_bytes(picture())
    return "/media/product_files/7/mug.jpg"


def content_of(answer: Any) -> bytes:
    async def parts() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return async_to_sync(parts)()


def test_serves_an_image_for_good(demo: Client, mug: str) -> None:
    answer = demo.get(mug)

    assert content_of(answer) == picture()
    assert answer.headers["Content-Length"] == str(len(picture()))
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_is_sent_by_nginx_where_a_location_leads_to_it(
    demo: Client, mug: str, own_disk: Path, settings: Settings
) -> None:
    settings.UPLOADS = {**settings.UPLOADS, "X_ACCEL_REDIRECT": {"/internal/files/": str(own_disk / "files")}}

    answer = demo.get(mug)

    assert answer.headers["X-Accel-Redirect"] == "/internal/files/media/product_files/7/mug.jpg"
    assert (answer.content, answer.headers["Content-Type"]) == (b"", "image/jpeg")
    assert Client().get(mug).status_code == 302


def test_needs_a_sign_in_and_a_permission(mug: str, make_client: Callable[..., Client]) -> None:
    assert Client().get(mug).status_code == 302
    assert make_client("stranger").get(mug).status_code == 403
    assert content_of(make_client("viewer", "view").get(mug)) == picture()


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
        "/media/product_files/7/mug.svg",
        "/media/product_files/7/mug%00.jpg",
    ],
)
def test_serves_nothing_else(demo: Client, path: str) -> None:
    assert demo.get(path).status_code == 404


def test_cannot_be_written_to(demo: Client, mug: str) -> None:
    assert demo.post(mug).status_code == 405
