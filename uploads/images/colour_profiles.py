"""Colours of an image by its colour profile, where it has one: to sRGB, which its small pictures have.

No Django here: the child processes of `uploads.images.checker` import it.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from uploads.images import colours

if TYPE_CHECKING:
    from PIL.Image import Image

_SPACES = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}
"""Modes of Pillow without transparency, and the colour space that the profile of such an image describes."""


def resizable(image: Image) -> Image:
    """Return `image` in a mode whose values can be averaged: one of `_SPACES`, or ``LA``, or ``RGBA``."""
    if image.mode.startswith("I"):
        # Of 16 bits each; Pillow itself would cut off what is brighter than the darkest 256 of the 65,536 values.
        image = image.point(lambda value: value * (1 / 256)).convert("L")
        image.info.pop("transparency", None)
    if image.has_transparency_data:
        return image if image.mode in ("LA", "RGBA") else image.convert("LA" if image.mode == "L" else "RGBA")
    return image if image.mode in _SPACES else image.convert("RGB")


def in_srgb(image: Image, profile: bytes | None) -> Image:
    """Return a `resizable` image as RGB or RGBA in sRGB; without a `profile` as its container says.

    One that is broken, or of another kind of image, does not count, as in browsers.
    """
    if not profile:
        return colours.in_srgb(image if image.mode == "RGBA" else image.convert("RGBA" if "A" in image.mode else "RGB"))
    if image.mode not in ("LA", "RGBA"):
        return _opaque_in_srgb(image, profile)
    opaque = image.getchannel("L") if image.mode == "LA" else image.convert("RGB")
    shown = _opaque_in_srgb(opaque, profile)
    shown.putalpha(image.getchannel("A"))
    return shown


def _opaque_in_srgb(image: Image, profile: bytes) -> Image:
    from PIL import ImageCms

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if source.profile.xcolor_space == _SPACES[image.mode]:
            shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if shown is not None:
                return shown
    except (ImageCms.PyCMSError, OSError):
        pass
    return image.convert("RGB")
