"""Small pictures: what they cost the check of a photo, with other decoders and encoders beside ours.

Everything runs in one niced process, as in the children that check images, and in turns. CPU time is counted, not the
clock. The other decoders are measured where they can be imported: ``pip install simplejpeg pyvips pyvips-binary``.
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from PIL import Image

from benchmarks import machine
from benchmarks.bars import Bar, all_held
from tests.support.images.pictures import camera_photo
from tests.support.images.profiles import display_p3
from uploads.core.limits import ImageLimits
from uploads.core.small_pictures import WIDTHS, fitted
from uploads.images import checker, colour_profiles, decoding, small_pictures
from uploads.images.child_process import NICENESS

ROUNDS = 15
MOST_MS = 120.0
"""For both pictures of a photo of twelve megapixels, on top of the check without them."""
PIXELS = 100_000_000
Work = Callable[[], object]


def run() -> bool:
    """Make the photos, measure, print, and say whether the bar held."""
    os.nice(NICENESS)
    print(machine.description())
    bars = []
    for name, content in photos().items():
        with_them, without = milliseconds(
            partial(checker._copied, content, PIXELS, ImageLimits(), WIDTHS),
            partial(checker._copied, content, PIXELS, ImageLimits(), ()),
        )
        told = decoding.decoded(content, PIXELS, ImageLimits(), 1, WIDTHS)
        sizes = [len(one) for one in told.small] if isinstance(told, decoding.Picture) else []
        print(f"{name}, {len(content) / 1e6:.1f} MB: {without:.0f} ms, with them {with_them:.0f} ms; bytes {sizes}")
        more = with_them - without
        bars.append(Bar(f"{name}: at most {MOST_MS:.0f} ms for both", f"{more:.0f} ms", more <= MOST_MS))
    content = photos()["photo"]
    for title, works in (("decode", decoders(content)), ("reduce", filters(content)), ("encode", encoders(content))):
        print(f"{title}, ms of a 12-megapixel photo:")
        for one, spent in zip(works, milliseconds(*works.values()), strict=True):
            print(f"  {one}: {spent:.1f}")
    return all_held(bars)


def photos() -> dict[str, bytes]:
    """Photos of twelve megapixels as cameras and phones take them."""
    return {
        "photo": camera_photo(),
        "portrait in Display P3": camera_photo(3024, 4032, icc_profile=display_p3()),
        "progressive": camera_photo(progressive=True),
    }


def milliseconds(*works: Work) -> list[float]:
    """The median CPU time of each, taken in turns."""
    spent: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, times in zip(works, spent, strict=True):
            began = time.process_time()
            work()
            times.append((time.process_time() - began) * 1000)
    return [statistics.median(times[1:]) for times in spent]


def decoders(content: bytes) -> dict[str, Work]:
    """Ways to get pixels, the check's own first. Each refuses a file that ends early only as far as it says so."""
    works: dict[str, Work] = {f"Pillow at 1/{by}": partial(drafted, content, by) for by in (8, 4, 2, 1)}
    if simplejpeg := found("simplejpeg"):
        works["simplejpeg at 1/2"] = lambda: simplejpeg.decode_jpeg(content, min_height=1512, min_width=1)
    if pyvips := found("pyvips"):
        pyvips.cache_set_max(0)
        works["pyvips decode and reduce"] = lambda: pyvips.Image.thumbnail_buffer(
            content, 1280, height=5120, fail_on="truncated"
        ).write_to_memory()
        works["pyvips both pictures"] = lambda: [
            pyvips.Image.thumbnail_buffer(content, width, height=4 * width, fail_on="truncated").webpsave_buffer(
                Q=small_pictures.QUALITY, effort=small_pictures.EFFORT
            )
            for width in WIDTHS
        ]
    return works


def filters(content: bytes) -> dict[str, Work]:
    """Ways to get from the decoded pixels to 1,280 across."""
    decoded = drafted(content, 2)
    size = fitted(4032, 3024, max(WIDTHS))
    kinds = Image.Resampling.BOX, Image.Resampling.HAMMING, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS
    return {kind.name: partial(decoded.resize, size, kind) for kind in kinds}


def encoders(content: bytes) -> dict[str, Work]:
    """WebP by effort, and the conversion of a wide profile to sRGB."""
    shown = drafted(content, 2).resize(fitted(4032, 3024, max(WIDTHS)), Image.Resampling.HAMMING)
    works: dict[str, Work] = {
        f"WebP, effort {effort} ({encoded(shown, effort)} bytes)": partial(encoded, shown, effort)
        for effort in range(5)
    }
    works["to sRGB from Display P3"] = partial(colour_profiles.in_srgb, shown, display_p3())
    return works


def drafted(content: bytes, by: int) -> Image.Image:
    """Decode the photo at a part of its size."""
    image = Image.open(io.BytesIO(content), formats=("JPEG",))
    image.draft("RGB", (image.width // by, image.height // by))
    image.load()
    return image


def encoded(image: Image.Image, effort: int) -> int:
    """Return how many bytes it takes."""
    content = io.BytesIO()
    image.save(content, "WEBP", quality=small_pictures.QUALITY, method=effort)
    return content.tell()


def found(name: str) -> Any:
    """The module, if it is installed."""
    try:
        return import_module(name)
    except ImportError:
        return None
