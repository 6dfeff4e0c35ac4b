"""Transformation strings: what they say, and what size they make of an image."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tests.cloudinary_loopback.refusals import Refused

NAMES = {
    "a": "angle", "ac": "audio_codec", "af": "audio_frequency", "ar": "aspect_ratio", "b": "background",
    "bo": "border", "br": "bit_rate", "c": "crop", "co": "color", "cs": "color_space", "d": "default_image",
    "dl": "delay", "dn": "density", "dpr": "dpr", "du": "duration", "e": "effect", "eo": "end_offset",
    "f": "fetch_format", "fl": "flags", "fn": "custom_function", "fps": "fps", "g": "gravity", "h": "height",
    "ki": "keyframe_interval", "l": "overlay", "o": "opacity", "p": "prefix", "pg": "page", "q": "quality",
    "r": "radius", "so": "start_offset", "sp": "streaming_profile", "t": "transformation", "u": "underlay",
    "vc": "video_codec", "vs": "video_sampling", "w": "width", "x": "x", "y": "y", "z": "zoom",
}  # fmt: skip
"""Official reference: the parameters of a transformation."""

COMPONENT = re.compile(r"([a-z]{1,3})_(.+)")
CROPS = {"scale", "fill", "fit", "limit", "thumb"}

Step = dict[str, str]


def looks_like_one(segment: str) -> bool:
    """Whether a path segment of a delivery URL is a transformation and not a folder."""
    found = [COMPONENT.fullmatch(part) for part in segment.split(",")]
    return all(match is not None and match[1] in NAMES for match in found)


def split_format(transformation: str) -> tuple[str, str | None]:
    """``c_scale,w_2/png`` of an eager transformation: the transformation and its format; ``x/`` keeps the format."""
    head, slash, last = transformation.rpartition("/")
    if slash and not looks_like_one(last):
        return head, last
    return transformation, None


def parsed(transformation: str) -> list[Step]:
    """The steps, each a map of short names. Raises `Refused` (400; the text is assumed)."""
    steps = []
    for segment in filter(None, transformation.split("/")):
        if not looks_like_one(segment):
            raise Refused(400, f"Invalid transformation component - {segment}")
        steps.append(dict(part.split("_", 1) for part in segment.split(",")))
    return steps


def described(transformation: str) -> list[dict[str, str | int]]:
    """How the Admin API tells a transformation (the SDK's live tests): long names, whole numbers as numbers."""
    return [
        {NAMES[name]: int(value) if value.isdecimal() else value for name, value in step.items()}
        for step in parsed(transformation)
    ]


def size_after(size: tuple[int, int], steps: Sequence[Step]) -> tuple[int, int]:
    """Width and height after all steps."""
    for step in steps:
        size = _cropped(size, step)
        if angle := step.get("a", "").lstrip("-"):
            size = _turned(size, float(angle)) if angle.isdecimal() else size
    return size


def _turned(size: tuple[int, int], degrees: float) -> tuple[int, int]:
    cosine, sine = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    width, height = size
    return max(int(width * cosine + height * sine + 1e-9), 1), max(int(width * sine + height * cosine + 1e-9), 1)


def _cropped(size: tuple[int, int], step: Step) -> tuple[int, int]:
    width, height = _asked(size[0], step.get("w")), _asked(size[1], step.get("h"))
    if width is None and height is None:
        return size
    crop = step.get("c", "scale")
    if crop in ("fill", "thumb"):
        return width or size[0], height or size[1]
    if width and height and crop == "scale":
        return width, height
    factor = min(side / whole for side, whole in ((width, size[0]), (height, size[1])) if side is not None)
    if crop == "limit":
        factor = min(factor, 1)
    return max(round(size[0] * factor), 1), max(round(size[1] * factor), 1)


def _asked(whole: int, value: str | None) -> int | None:
    """``100`` pixels, or ``0.5`` of what is there."""
    if value is None or not re.fullmatch(r"\d+(\.\d+)?", value):
        return None
    return max(round(float(value) * whole) if "." in value else int(value), 1)
