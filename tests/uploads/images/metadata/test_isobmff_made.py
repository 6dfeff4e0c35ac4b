from __future__ import annotations

import pytest

from tests.support.corpus.builders import noise, saved
from tests.support.images.containers import items_of
from tests.support.images.metadata_checks import opened
from uploads.images import exif
from uploads.images.metadata.isobmff_made import Picture, written


def made(orientation: int = 1, alpha: bool = False) -> bytes:
    content = saved(noise(70, 50, "RGBA" if alpha else "RGB"), "AVIF")
    configs = [content[at + 4 : at + 8] for at in (content.index(b"av1C"), content.rindex(b"av1C"))]
    main, *rest = items_of(content)
    return written(
        Picture(
            width=70,
            height=50,
            orientation=orientation,
            channels=3,
            depth=8,
            colours=(1, 13, 6),
            full_range=True,
            profile=b"",
            main=(configs[0], main),
            alpha=(configs[1], rest[0]) if alpha else None,
            premultiplied=alpha,
        )
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_stands_in_the_picture_s_own_properties(orientation: int):
    block = opened(made(orientation)).info.get("exif", b"").removeprefix(b"Exif\0\0")
    assert exif.orientation(block) == orientation


@pytest.mark.parametrize(("alpha", "mode"), [(False, "RGB"), (True, "RGBA")])
def test_it_opens_as_a_picture_of_its_size(alpha: bool, mode: str):
    image = opened(made(alpha=alpha))
    assert (image.size, image.mode) == ((70, 50), mode)
