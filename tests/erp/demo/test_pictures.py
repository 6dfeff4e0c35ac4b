from __future__ import annotations

import io

import pytest
from PIL import Image

from erp.demo import pictures

BLUE = (62, 128, 200)


@pytest.mark.parametrize("shape", [pictures.mug, pictures.lamp, pictures.vase, pictures.plate])
def test_draws_a_square_jpeg_in_the_colour_asked_for(shape: pictures.Shape) -> None:
    image = Image.open(io.BytesIO(pictures.picture(shape(BLUE), BLUE)))

    assert (image.format, image.size) == ("JPEG", (pictures.SIZE, pictures.SIZE))
    red, _, blue = image.resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert blue > red


def test_a_mirrored_picture_is_another_one() -> None:
    parts = pictures.mug(BLUE)

    assert pictures.picture(parts, BLUE) != pictures.picture(parts, BLUE, mirrored=True)
