"""What a viewer gets, and what the delivery network remembers."""

from __future__ import annotations

import base64
import hashlib
import io

import pytest
from PIL import Image

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.delivery import Located, located
from tests.cloudinary_loopback.tests.raw_client import PNG, RawClient
from tests.support.images.pictures import picture


def signed(client: RawClient, source: str, algorithm: str = "sha1", size: int = 8) -> str:
    digest = hashlib.new(algorithm, (source + client.secret).encode()).digest()
    return f"s--{base64.urlsafe_b64encode(digest).decode()[:size]}--"


@pytest.mark.parametrize(
    ("path", "pieces"),
    [
        ("image/upload/v1/a/b.png", ("", "", "a/b.png")),
        ("image/upload/c_fill,w_9/h_2/v1/a.png", ("", "c_fill,w_9/h_2", "a.png")),
        ("image/upload/s--AbC_-123--/w_9/a.png", ("AbC_-123", "w_9", "a.png")),
        ("image/upload/folder/w_9.png", ("", "", "folder/w_9.png")),
        ("image/upload/v1/v2.png", ("", "", "v2.png")),
    ],
)
def test_addresses(path: str, pieces: tuple[str, str, str]):
    assert located(path) == Located("image", "upload", *pieces)


def test_the_original_comes_as_it_was_sent(client: RawClient):
    version = client.upload(PNG, public_id="a/b").json["version"]
    answer = client.image(f"image/upload/v{version}/a/b.png")

    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, PNG, "image/png")


@pytest.mark.parametrize(
    ("how", "size"),
    [
        ("c_fill,w_60,h_60,q_auto,f_auto", (60, 60)),
        ("c_limit,w_150,h_150", (150, 100)),
        ("c_thumb,g_auto,w_9,h_9", (9, 9)),
    ],
)
def test_thumbnails_are_made(client: RawClient, how: str, size: tuple[int, int]):
    client.upload(picture("JPEG", 300, 200), public_id="a")
    answer = client.image(f"image/upload/{how}/v1/a.jpg")

    assert Image.open(io.BytesIO(answer.body)).size == size


def test_another_format_may_be_asked_for(client: RawClient):
    client.upload(PNG, public_id="a.b")

    assert Image.open(io.BytesIO(client.image("image/upload/a.b.webp").body)).format == "WEBP"


@pytest.mark.parametrize("mode", ["P", "LA", "CMYK", "1", "I;16"])
def test_pictures_of_every_mode_are_made_smaller(client: RawClient, mode: str):
    made = io.BytesIO()
    Image.new(mode, (40, 20)).save(made, "JPEG" if mode == "CMYK" else "PNG")
    client.upload(made.getvalue(), public_id="a")
    answer = client.image("image/upload/c_limit,w_20/v1/a.png")

    assert (answer.status, Image.open(io.BytesIO(answer.body)).size) == (200, (20, 10))


@pytest.mark.parametrize("how", ["e_sepia", "c_pad,w_9", "zz_1,w_9", "a_45"])
def test_what_is_not_rendered_is_refused(client: RawClient, how: str):
    client.upload(public_id="a")
    answer = client.image(f"image/upload/{how}/v1/a.png")

    assert answer.status in (400, 404)
    assert answer.headers["X-Cld-Error"]


def test_a_404_is_remembered_for_its_address(cloud: Cloud, client: RawClient):
    first = client.image("image/upload/v1/a.png")
    client.upload(public_id="a")

    assert (first.status, client.image("image/upload/v1/a.png").status) == (404, 404)
    assert client.image("image/upload/v2/a.png").status == 200
    cloud.clock.forward(61)
    assert client.image("image/upload/v1/a.png").status == 200


def test_each_404_is_remembered_twice_as_long(cloud: Cloud, client: RawClient):
    for seconds in (60, 120, 240):
        client.image("image/upload/a.png")
        cloud.clock.forward(seconds - 1)
        assert cloud.edge.find(f"/{cloud.name}/image/upload/a.png", cloud.clock.now()) is not None
        cloud.clock.forward(2)


def test_copies_outlive_their_asset_until_they_are_invalidated(client: RawClient):
    for public_id, sent in [("kept", {}), ("gone", {"invalidate": "1"})]:
        client.upload(public_id=public_id)
        client.image(f"image/upload/{public_id}.png")
        client.call("image/destroy", public_id=public_id, **sent)

    assert client.image("image/upload/kept.png").status == 200
    assert client.image("image/upload/gone.png").status == 404
    assert client.image("image/upload/kept.png?fresh").status == 404


def test_the_old_address_of_a_renamed_asset_is_gone(client: RawClient):
    client.upload(public_id="a")
    client.image("image/upload/a.png")
    client.call("image/rename", from_public_id="a", to_public_id="b", invalidate="true")

    assert client.image("image/upload/a.png").status == 404
    assert client.image("image/upload/b.png").status == 200


@pytest.mark.parametrize("type_", ["authenticated", "private"])
def test_what_is_not_public_needs_a_signature(client: RawClient, type_: str):
    client.upload(public_id="a", type=type_)
    path = "c_fill,w_5,h_5/a.png"

    assert client.image(f"image/{type_}/a.png").status == 401
    assert client.image(f"image/{type_}/{signed(client, 'a.png')}/{path}").status == 401
    assert client.image(f"image/{type_}/{signed(client, path)}/{path}").status == 200
    assert client.image(f"image/{type_}/{signed(client, path, 'sha256', 32)}/c_fill,w_5,h_5/v1/a.png").status == 200


def test_an_asset_that_is_not_public_is_not_at_the_public_address(client: RawClient):
    client.upload(public_id="a", type="authenticated")

    assert client.image("image/upload/a.png").status == 404


def test_strict_transformations_want_a_signature_or_eager(cloud: Cloud, client: RawClient):
    cloud.plan.strict_transformations = True
    client.upload(public_id="a", eager="c_fill,w_5,h_5")

    assert client.image("image/upload/c_fill,w_5,h_5/a.png").status == 200
    assert client.image("image/upload/c_fill,w_6,h_6/a.png").status == 401


def test_what_waits_for_a_moderator_is_not_delivered(cloud: Cloud, client: RawClient):
    client.upload(public_id="a", moderation="manual")
    assert client.image("image/upload/a.png").status == 404
    client.admin("POST", "resources/image/upload/a", moderation_status="approved")
    cloud.clock.forward(61)
    assert client.image("image/upload/a.png").status == 200


def test_an_original_is_downloaded_by_a_signed_address_while_it_lasts(cloud: Cloud, client: RawClient):
    client.upload(public_id="a", type="authenticated")
    until = int(cloud.clock.now()) + 60
    sent = client.signed({"public_id": "a", "type": "authenticated", "format": "png", "expires_at": until})
    address = "image/download?" + "&".join(f"{name}={value}" for name, value in sent.items())

    assert client.api("GET", address).body == PNG
    assert client.api("GET", address.replace("public_id=a", "public_id=b")).status == 401
    cloud.clock.forward(61)
    assert client.api("GET", address).status == 401
