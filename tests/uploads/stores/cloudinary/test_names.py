from __future__ import annotations

import pytest

from tests.support.stores.contract import FOLDER, PERMANENT
from uploads.stores.base import StoreError
from uploads.stores.cloudinary.names import FORMATS, kinds_of, public_id_of


def test_the_id_is_the_key_without_its_extension():
    assert public_id_of(f"{FOLDER}/erp-0f.jpg") == f"{FOLDER}/erp-0f"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "x",
        ".jpg",
        "/x.jpg",
        "x/.jpg",
        "a//b.jpg",
        "../x.jpg",
        "a/../x.jpg",
        "a b.jpg",
        "a%2fb.jpg",
        "a&b.jpg",
        "a?b.jpg",
        "a.b.jpg",
        "ä.jpg",
        "a\n.jpg",
        "a\n/b.jpg",
        "a.JPG",
        "a.jpg\n",
        "http://169.254.169.254/x.jpg",
        "data:x.jpg",
    ],
)
def test_a_key_that_could_mean_something_else_on_its_way_is_refused(key: str):
    with pytest.raises(StoreError):
        public_id_of(key)


@pytest.mark.parametrize(
    ("key", "private", "kinds"),
    [
        (f"{FOLDER}/x.jpg", True, ["authenticated", "upload"]),
        (f"{FOLDER}/x.jpg", False, ["upload", "authenticated"]),
        (f"{PERMANENT}/x.jpg", True, ["upload"]),
        ("media/temp_product_files_of_others/x.jpg", True, ["upload"]),
    ],
)
def test_where_an_object_lies_says_what_type_it_has(key: str, private: bool, kinds: list[str]):
    assert kinds_of(key, private=private) == kinds


def test_the_formats_are_those_of_the_images_taken():
    assert FORMATS == ["jpg", "png", "webp", "avif", "heic", "heif"]


def test_no_key_smuggles_a_parameter_a_line_or_a_step_upwards():
    for stem in ("a&overwrite=true", "a%26b", "a\nb", "a\n", "a/../b", "a//b", "ä", "a b", "a?b", "a#b", "a\0b"):
        with pytest.raises(StoreError):
            public_id_of(f"{stem}.jpg")
