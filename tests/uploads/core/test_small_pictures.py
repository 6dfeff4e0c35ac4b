from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from uploads.core import small_pictures
from uploads.core.names import object_key
from uploads.core.small_pictures import WIDTHS, box, fitted, image_stem, is_small, key, keys, width_asked

SIDES = st.integers(1, 30_000)


@given(SIDES, SIDES, st.sampled_from(WIDTHS))
def test_it_fits_keeps_its_proportions_and_never_grows(width: int, height: int, widest: int):
    across, down = fitted(width, height, widest)
    most = box(widest)
    assert 1 <= across <= min(width, most[0])
    assert 1 <= down <= min(height, most[1])
    assert abs(across / down - width / height) <= (1 + width / height) / min(across, down)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("320", 320),
        ("1280", 1280),
        ("1", 320),
        ("321", 1280),
        ("1281", None),
        ("", None),
        (None, None),
        ("-5", None),
        ("3e2", None),
        ("\u0663\u0662\u0660", None),
        ("9" * 10_000, None),
    ],
)
def test_the_next_width_is_shown(text: str | None, width: int | None):
    assert width_asked(text) == width


@pytest.mark.parametrize("extension", [".jpg", ".webp", ".heic"])
@pytest.mark.parametrize("folder", ["media/temp_product_files/ada_20261122T090807000000", "media/product_files/7"])
def test_keys_stand_beside_that_of_the_image_and_lead_back_to_it(folder: str, extension: str):
    image = object_key(folder, "erp", uuid4(), extension)
    assert keys(image) == [key(image, width) for width in WIDTHS]
    assert [one.rpartition("/")[0] for one in keys(image)] == [folder] * 2
    assert [is_small(one) for one in (image, *keys(image))] == [False, True, True]
    assert {image_stem(one) + extension for one in (image, *keys(image))} == {image}
    assert len({image, *keys(image)}) == 3
    assert keys(key(image, small_pictures.SMALL)) == []
