"""The pages of products whose images are in Cloudinary: thumbnails from its own URLs, without a call for them."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from django.test import Client

from devtools.cloudinary_loopback.cloud import Cloud
from erp.marketing.models import Product
from tests.support.servers.multipart import CREATE, sent, upload
from tests.support.time.service_clock import service_clock
from tests.support.wire.draft_driver import run_jobs
from uploads.core.snapshot import Snapshot
from uploads.snapshot import read

__all__ = ["service_clock"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("service_clock")]


@pytest.fixture
def product(cloud: Cloud, demo: Client, draft: UUID) -> Product:
    """A product with one permanent image."""
    upload(demo, draft=str(draft))
    answer = demo.post(f"{CREATE}?draft={draft}", sent())
    run_jobs()
    return Product.objects.get(pk=answer.headers["Location"].split("/")[3])


def sources(client: Client, path: str) -> list[str]:
    page = client.get(path)
    assert page.status_code == 200
    found = re.findall(r'<img src="([^"]+)"', page.content.decode())
    return [source for source in found if not source.startswith("/static/")]


def test_lists_show_small_pictures_and_large_ones_where_there_is_room(cloud: Cloud, demo: Client, product: Product):
    (listed,) = sources(demo, "/marketing/")
    (large,) = sources(demo, product.get_absolute_url())

    assert listed.startswith(f"{cloud.delivery}/image/upload/c_limit,f_auto,h_1280,q_auto,w_320/v")
    assert large.startswith(f"{cloud.delivery}/image/upload/c_limit,f_auto,h_5120,q_auto,w_1280/v")
    assert f'href="{product.files.get().file_url}"' in demo.get(product.get_absolute_url()).content.decode()


def test_a_page_view_costs_no_call(cloud: Cloud, demo: Client, product: Product):
    before = len(cloud.calls())
    edited = demo.get(f"/marketing/product/{product.pk}/edit/").headers["Location"]
    for path in ("/marketing/", product.get_absolute_url(), edited):
        assert demo.get(path).status_code == 200
    told = read(UUID(edited.partition("draft=")[2]), Snapshot)
    assert told is not None
    assert demo.get(told.files[0].url).headers["Location"].startswith(f"{cloud.delivery}/image/upload/c_limit")
    assert len(cloud.calls()) == before


def test_an_image_that_is_not_moved_yet_is_shown_through_our_own_address(cloud: Cloud, demo: Client, draft: UUID):
    upload(demo, draft=str(draft))
    answer = demo.post(f"{CREATE}?draft={draft}", sent())
    (source,) = sources(demo, answer.headers["Location"])
    assert source.startswith("/uploads/file/")
    assert source.endswith("?w=1280")
    assert demo.get(source).headers["Location"].startswith(f"{cloud.delivery}/image/authenticated/s--")
