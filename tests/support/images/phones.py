"""Twenty photos as phones write them, all of one scene: formats, orientations, colour spaces; made in code."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

from PIL import Image

from tests.support.images.heic import HLG, PQ, PRIMARIES_2020, Colour, heic, in_hdr, numbered
from tests.support.images.photos import exif_block, swapped_profile, turned

COLOURS: tuple[Colour, ...] = (
    (200, 60, 50),
    (60, 140, 70),
    (60, 80, 170),
    (240, 240, 240),
    (224, 172, 140),
    (110, 110, 110),
)
"""Of a scene, in three columns and two rows: moderate, so that HDR and chroma subsampling change them little."""
LANDSCAPE, PORTRAIT = (600, 400), (400, 600)


def scene(size: tuple[int, int] = LANDSCAPE, colours: tuple[Colour, ...] = COLOURS) -> Image.Image:
    """The scene as it is seen."""
    small = Image.new("RGB", (3, 2))
    small.putdata(colours)
    return small.resize(size, Image.Resampling.NEAREST)


def _saved(image: Image.Image, format_: str, **options: Any) -> bytes:
    made = io.BytesIO()
    image.save(made, format_, **options)
    return made.getvalue()


def _jpeg(orientation: int, size: tuple[int, int] = LANDSCAPE, **options: Any) -> bytes:
    block = exif_block(orientation).tobytes()
    return _saved(turned(scene(size), orientation), "JPEG", **{"quality": 92, "exif": block, **options})


def _mpo(orientation: int, size: tuple[int, int] = LANDSCAPE) -> bytes:
    """As phones with HDR write it: a gain map follows the picture."""
    gains = Image.new("L", (150, 100), 90).convert("RGB")
    block = exif_block(orientation).tobytes()
    image = turned(scene(size), orientation)
    return _saved(image, "MPO", save_all=True, append_images=[gains], quality=92, exif=block)


def _swapped(orientation: int) -> bytes:
    """With a profile that has to be followed: Display P3 is one that shows less."""
    green_red = tuple((g, r, b) for r, g, b in COLOURS)
    image, block = turned(scene(colours=green_red), orientation), exif_block(orientation).tobytes()
    return _saved(image, "JPEG", quality=92, exif=block, icc_profile=swapped_profile())


def _hdr(transfer: int) -> bytes:
    return numbered(scene(colours=tuple(in_hdr(colour, transfer) for colour in COLOURS)), PRIMARIES_2020, transfer)


def _heic(orientation: int, size: tuple[int, int] = LANDSCAPE) -> bytes:
    block = exif_block(orientation).tobytes()
    return heic(turned(scene(size), orientation), exif=block, thumbnails=[160])


PHOTOS: dict[str, Callable[[], bytes]] = {
    **{f"jpeg-{orientation}.jpg": partial(_jpeg, orientation) for orientation in range(1, 9)},
    "portrait.jpg": partial(_jpeg, 6, PORTRAIT),
    "portrait-progressive.jpg": partial(_jpeg, 8, PORTRAIT, progressive=True),
    "profile.jpg": partial(_swapped, 6),
    "mpo-1.jpg": partial(_mpo, 1),
    "mpo-6.jpg": partial(_mpo, 6),
    "mpo-portrait.jpg": partial(_mpo, 6, PORTRAIT),
    "heic-1.heic": partial(_heic, 1),
    "heic-6.heic": partial(_heic, 6),
    "heic-8.heic": partial(_heic, 8),
    "heic-portrait.heic": partial(_heic, 6, PORTRAIT),
    "hdr-pq.hif": partial(_hdr, PQ),
    "hdr-hlg.hif": partial(_hdr, HLG),
}


def size_seen(name: str) -> tuple[int, int]:
    """The size of a photo of `PHOTOS` as it is seen."""
    return PORTRAIT if "portrait" in name else LANDSCAPE
