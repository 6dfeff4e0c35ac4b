"""A real server whose images are in Cloudinary, from sign-in to the product's page."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable

import pytest

from devtools.cloudinary_loopback.cloud import Cloud
from tests.support.images.pictures import picture
from tests.support.servers.multipart import UPLOAD, sent
from tests.support.servers.server import Server, wait_for
from tests.support.wire.http_client import HttpClient

JPEG = ("mug.jpg", picture(), "image/jpeg")


@pytest.fixture
def on_cloudinary(make_server: Callable[..., Server], cloudinary_server: Cloud) -> Server:
    return make_server(CLOUDINARY_URL=cloudinary_server.url, UPLOADS_PROMOTE_DELAY_SECONDS="1")


def create(staff: HttpClient, draft: str, sku: str = "MUG-77") -> str:
    """Save the draft; return the path of the product's page."""
    fields = {name: value for name, value in sent(sku=sku).items() if isinstance(value, str)}
    page = staff.post(f"/marketing/product_create/?draft={draft}", fields)
    assert page.status == 200
    return page.url.removeprefix(staff.url)


def test_an_image_reaches_its_product_in_the_cloud_and_the_page_may_show_it(
    on_cloudinary: Server, cloudinary_server: Cloud
):
    staff = HttpClient(on_cloudinary.url)
    draft = staff.new_draft()
    sent_file = staff.post(UPLOAD, {"draft": draft, "file_type": "main_image"}, JPEG)
    assert sent_file.status == 200, (sent_file.text, on_cloudinary.lines[-30:], cloudinary_server.calls())
    file = sent_file.json()["file_data"]
    assert len(cloudinary_server.ids("media/temp_product_files/demo_", "authenticated")) == 1
    assert staff.get(file["url"]).body == picture()
    path = create(staff, draft)
    assert staff.get(file["url"]).body == picture()

    wait_for(lambda: cloudinary_server.ids("media/product_files/", "upload"), what="the rename")
    product = path.strip("/").rpartition("/")[2]
    (public_id,) = cloudinary_server.ids()
    assert public_id.startswith(f"media/product_files/{product}/erp-")

    wait_for(lambda: "c_limit" in staff.get(path).text, what="the page's new address of it")
    page = staff.get(path)
    (source,) = [part.partition('"')[0] for part in page.text.split('src="') if "c_limit" in part]
    assert source.startswith(f"{cloudinary_server.delivery}/image/upload/c_limit,")
    assert cloudinary_server.address in page.headers["Content-Security-Policy"]
    with urllib.request.urlopen(source, timeout=10) as answer:  # noqa: S310 - our own server
        assert answer.headers["Content-Type"].startswith("image/")


def test_the_account_is_asked_when_the_site_starts_and_its_limit_is_told(
    on_cloudinary: Server, cloudinary_server: Cloud
):
    staff = HttpClient(on_cloudinary.url)
    wait_for(lambda: cloudinary_server.calls("config"), what="the question")
    draft = staff.new_draft()
    large = ("large.jpg", picture() + bytes(11_000_000), "image/jpeg")

    def refused() -> bool:
        answer = staff.post(UPLOAD, {"draft": draft, "file_type": "main_image"}, large)
        return answer.status == 413 and "10.5 MB" in answer.text

    wait_for(refused, what="the account's limit")
    assert cloudinary_server.ids() == []
