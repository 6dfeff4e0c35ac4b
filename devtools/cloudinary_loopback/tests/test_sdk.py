"""The official SDK finds what it needs here, with credentials passed per call, and sends nothing without effect."""

from __future__ import annotations

import io
from typing import Any

import pytest
from cloudinary import api, uploader, utils

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient


@pytest.fixture
def account(cloudinary_server: Cloud) -> dict[str, Any]:
    """The keywords of every call."""
    who = {"api_key": cloudinary_server.key, "api_secret": cloudinary_server.secret}
    where = {"cloud_name": cloudinary_server.name, "upload_prefix": cloudinary_server.address}
    return {**who, **where, "timeout": 5.0}


def test_the_life_of_an_image(cloudinary_server: Cloud, account: dict[str, Any]):
    kept = {"type": "authenticated", "resource_type": "image"}
    stored = uploader.upload(("a.png", PNG), public_id="tmp/a", overwrite=False, **kept, **account)
    assert uploader.explicit("tmp/a", **kept, **account)["etag"] == stored["etag"]
    moved = uploader.rename("tmp/a", "kept/a", to_type="upload", invalidate=True, **kept, **account)
    assert (moved["asset_id"], moved["type"]) == (stored["asset_id"], "upload")
    listed = api.resources(type="upload", prefix="kept/", max_results=500, **account)
    assert [item["public_id"] for item in listed["resources"]] == ["kept/a"]
    assert listed.rate_limit_remaining == 499
    assert uploader.destroy("kept/a", invalidate=True, **account)["result"] == "ok"
    assert api.usage(**account)["media_limits"]["image_max_size_bytes"] == cloudinary_server.plan.image_max_bytes
    assert api.config(settings="true", **account)["settings"]["folder_mode"] == "dynamic"


def test_addresses_of_private_images(cloudinary_server: Cloud, account: dict[str, Any]):
    client = RawClient(cloudinary_server)
    uploader.upload(("a.png", PNG), public_id="tmp/ü a", type="authenticated", **account)
    who = {name: account[name] for name in ("cloud_name", "api_key", "api_secret", "upload_prefix")}
    where = {"cname": cloudinary_server.address.removeprefix("http://"), "secure": False, "format": "png"}
    how: list[dict[str, Any]] = [{}, {"width": 9, "height": 9, "crop": "limit"}, {"version": 7}]
    for options in how:
        given = {"type": "authenticated", "sign_url": True, "version": 1, **where, **who, **options}
        url, _ = utils.cloudinary_url("tmp/ü a", **given)
        assert client.send("GET", url.removeprefix(cloudinary_server.address)).status == 200, url


def test_a_large_image_in_parts(cloudinary_server: Cloud, account: dict[str, Any]):
    cloudinary_server.plan.part_floor_bytes = 30
    size = len(PNG) // 3 + 1
    how = {"resource_type": "image", "chunk_size": size, "public_id": "big"}
    stored = uploader.upload_large(io.BytesIO(PNG), filename="a.png", **how, **account)

    assert (stored["done"], stored["width"]) == (True, 24)
    assert cloudinary_server.assets["upload", "big"].content == PNG
    assert len(cloudinary_server.calls("upload")) == 3
