"""What a viewer gets."""

from __future__ import annotations

import base64
import hashlib
import io

import pytest
from PIL import Image

from devtools.cloudinary_loopback.delivery import Located, located
from devtools.cloudinary_loopback.tests.raw_client import PNG, RawClient
from tests.support.images.pictures import picture


def signed(client: RawClient, source: str, algorithm: str = "sha1", size: int = 8) -> str:
    digest = hashlib.new(algorithm, (source + client.secret).encode()).digest()
    return f"s--{base64.urlsafe_b64encode(digest).decode()[:size]}--"


@pytest.mark.parametrize(
    ("path", "pieces"),
    [
        ("image/upload/v1/a/b.png", ("", "", "a/b.png")),
        ("image/upload/c_limit,w_9/v1/a.png", ("", "c_limit,w_9", "a.png")),
        ("image/upload/s--AbC_-123--/c_limit,w_9/v7/a.png", ("AbC_-123", "c_limit,w_9", "a.png")),
        ("image/upload/s--AbC_-123--/v7/a.png", ("AbC_-123", "", "a.png")),
        ("image/upload/v1/v2/w_9.png", ("", "", "v2/w_9.png")),
    ],
)
def test_addresses(path: str, pieces: tuple[str, str, str]):
    assert located(path) == Located("upload", *pieces)


@pytest.mark.parametrize("path", ["image/upload/a.png", "video/upload/v1/a.mp4", "image/v1/a.png"])
def test_an_address_without_a_version_or_of_another_kind_is_none(client: RawClient, path: str):
    assert client.image(path).status == 404


def test_the_original_comes_as_it_was_sent(client: RawClient):
    version = client.upload(PNG, public_id="a/b").json["version"]
    answer = client.image(f"image/upload/v{version}/a/b.png")

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
    client.upload(picture("JPEG", 300, 200), public_id="a")
    answer = client.image(f"image/upload/{how}/v1/a.jpg")

    assert Image.open(io.BytesIO(answer.body)).size == size


def test_another_format_may_be_asked_for(client: RawClient):
    client.upload(PNG, public_id="a.b")

    assert Image.open(io.BytesIO(client.image("image/upload/v1/a.b.webp").body)).format == "WEBP"


@pytest.mark.parametrize("mode", ["P", "LA", "CMYK", "1", "I;16"])
def test_pictures_of_every_mode_are_made_smaller(client: RawClient, mode: str):
    made = io.BytesIO()
    Image.new(mode, (40, 20)).save(made, "JPEG" if mode == "CMYK" else "PNG")
    client.upload(made.getvalue(), public_id="a")
    answer = client.image("image/upload/c_limit,w_20/v1/a.png")

    assert (answer.status, Image.open(io.BytesIO(answer.body)).size) == (200, (20, 10))


@pytest.mark.parametrize("how", ["e_sepia", "c_pad,w_9", "zz_,w_9", "w_0", "c_limit,w_9/h_9"])
def test_what_is_not_rendered_is_refused(client: RawClient, how: str):
    client.upload(public_id="a")
    answer = client.image(f"image/upload/{how}/v1/a.png")

    assert answer.status in (400, 404)
    assert answer.headers["X-Cld-Error"]


def test_the_old_address_of_a_renamed_asset_is_gone(client: RawClient):
    client.upload(public_id="a")
    client.call("image/rename", from_public_id="a", to_public_id="b", invalidate="true")

    assert client.image("image/upload/v1/a.png").status == 404
    assert client.image("image/upload/v1/b.png").status == 200


@pytest.mark.parametrize("type_", ["authenticated", "private"])
def test_what_is_not_public_needs_a_signature(client: RawClient, type_: str):
    client.upload(public_id="a", type=type_)
    how = "c_limit,h_5,w_5"

    assert client.image(f"image/{type_}/v1/a.png").status == 401
    assert client.image(f"image/{type_}/{signed(client, 'a.png')}/{how}/v1/a.png").status == 401
    for signature in (signed(client, f"{how}/a.png"), signed(client, f"{how}/a.png", "sha256", 32)):
        assert client.image(f"image/{type_}/{signature}/{how}/v1/a.png").status == 200


def test_an_asset_that_is_not_public_is_not_at_the_public_address(client: RawClient):
    client.upload(public_id="a", type="authenticated")

    assert client.image("image/upload/v1/a.png").status == 404
