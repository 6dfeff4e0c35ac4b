"""What a viewer receives."""

from __future__ import annotations

import base64
import hashlib
import io

import pytest
from PIL import Image

from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient
from tests.support.images.pictures import picture


def signature(client: RawClient, source: str) -> str:
    digest = hashlib.sha1((source + client.secret).encode(), usedforsecurity=False).digest()
    return f"s--{base64.urlsafe_b64encode(digest).decode()[:8]}--"


@pytest.mark.parametrize(
    "path", ["image/upload/a.png", "video/upload/v1/a.png", "image/v1/a.png", "image/upload/v1/b.png"]
)
def test_an_address_without_a_version_or_asset_is_404(client: RawClient, path: str):
    client.upload()

    assert client.image("image/upload/v7/a.png").status == 200
    assert client.image(path).status == 404


def test_the_original_comes_as_it_was_sent(client: RawClient):
    version = client.upload(PNG, public_id="v2/ü a").json["version"]
    answer = client.image(f"image/upload/v{version}/v2/ü a.png")

    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, PNG, "image/png")


@pytest.mark.parametrize(
    ("how", "size"),
    [
        ("c_limit,f_auto,h_60,q_auto,w_60", (60, 40)),
        ("c_limit,w_150,h_150", (150, 100)),
        ("c_limit,w_900,h_900", (300, 200)),
    ],
)
def test_thumbnails_are_made(client: RawClient, how: str, size: tuple[int, int]):
    client.upload(picture("JPEG", 300, 200))
    answer = client.image(f"image/upload/{how}/v1/a.jpg")

    assert Image.open(io.BytesIO(answer.body)).size == size


def test_another_format_may_be_asked_for(client: RawClient):
    client.upload(PNG)

    assert Image.open(io.BytesIO(client.image("image/upload/v1/a.webp").body)).format == "WEBP"
    assert client.image("image/upload/v1/a.exe").status == 400


@pytest.mark.parametrize("mode", ["P", "LA", "CMYK", "1", "I;16"])
def test_pictures_of_every_mode_are_made_smaller(client: RawClient, mode: str):
    made = io.BytesIO()
    Image.new(mode, (40, 20)).save(made, "JPEG" if mode == "CMYK" else "PNG")
    client.upload(made.getvalue())
    answer = client.image("image/upload/c_limit,w_20/v1/a.png")

    assert (answer.status, Image.open(io.BytesIO(answer.body)).size) == (200, (20, 10))


@pytest.mark.parametrize("how", ["e_sepia", "c_pad,w_9", "zz_,w_9", "w_0", "c_limit,w_9/h_9"])
def test_what_is_not_rendered_is_refused(client: RawClient, how: str):
    client.upload()

    assert client.image(f"image/upload/{how}/v1/a.png").status in (400, 404)


def test_what_is_not_public_needs_a_signature(client: RawClient):
    client.upload(type="authenticated")
    how = "c_limit,h_5,w_5"
    signed, unfit = signature(client, f"{how}/a.png"), signature(client, "a.png")

    assert client.image("image/authenticated/v1/a.png").status == 401
    assert client.image(f"image/authenticated/{unfit}/{how}/v1/a.png").status == 401
    assert client.image(f"image/authenticated/{signed}/{how}/v1/a.png").status == 200
    assert client.image("image/upload/v1/a.png").status == 404
