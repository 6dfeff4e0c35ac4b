"""What a reply tells on demand: derived images, breakpoints, coordinates and other measurements."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.cloudinary_loopback.assets import Asset, Derived, derived_form
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import Value, flag, json_value, text
from tests.cloudinary_loopback.refusals import Refused
from tests.cloudinary_loopback.transformations import parsed, size_after, split_format

ADD_ONS = {
    "raw_convert": "Raw convert is invalid",
    "categorization": "Categorization item {} is not valid",
    "detection": "Detection invalid model '{}'",
    "background_removal": "Background removal {} is invalid",
}
"""The texts are asserted by the SDK's live tests. This server subscribes to no add-on, so every value is refused."""

MOST_WIDTH, LEAST_WIDTH = 1000, 50
AREAS = re.compile(r"(\d{1,6}(,\d{1,6}){3})(\|\d{1,6}(,\d{1,6}){3})*")


def check_add_ons(parameters: Mapping[str, Value]) -> None:
    """Raises `Refused` (400) for a request to an add-on."""
    for name, message in ADD_ONS.items():
        if value := text(parameters, name):
            raise Refused(400, message.format(value))


def make_derived(cloud: Cloud, asset: Asset, parameters: Mapping[str, Value]) -> list[dict[str, Any]]:
    """`eager`: remembers what was asked for, and tells of it."""
    told = []
    for wanted in filter(None, text(parameters, "eager").split("|")):
        transformation, format_ = split_format(wanted)
        steps, width, height = parsed(transformation), None, None
        if asset.width and asset.height:
            width, height = size_after((asset.width, asset.height), steps)
        derived = Derived(cloud.hex_token(), transformation, format_ or asset.format or "", width, height)
        asset.derived[wanted] = derived
        cloud.transformations.setdefault(wanted, {"name": wanted, "named": False, "transformation": wanted})
        told.append(derived_form(asset, derived, cloud.delivery))
    return told


def breakpoints(cloud: Cloud, asset: Asset, parameters: Mapping[str, Value]) -> list[dict[str, Any]]:
    """The widths worth having. The service looks at bytes; the widest and the narrowest are told (SDK's live tests)."""
    told, asked = [], json_value(parameters, "responsive_breakpoints")
    if not isinstance(asked, list) or not all(isinstance(wanted, dict) for wanted in asked):
        raise Refused(400, "Invalid value for parameter responsive_breakpoints")
    for wanted in asked:
        transformation = str(wanted.get("transformation", ""))
        size = size_after((asset.width or 1, asset.height or 1), parsed(transformation))
        widest = min(size[0], int(wanted.get("max_width", MOST_WIDTH)))
        widths = [widest, min(widest, int(wanted.get("min_width", LEAST_WIDTH)))]
        format_ = wanted.get("format") or asset.format
        told.append(
            {
                "transformation": transformation,
                "breakpoints": [_breakpoint(cloud, asset, transformation, format_, width, size) for width in widths],
            }
        )
    return told


def _breakpoint(
    cloud: Cloud, asset: Asset, transformation: str, format_: str | None, width: int, size: tuple[int, int]
) -> dict[str, Any]:
    steps = "/".join(part for part in (transformation, f"c_scale,w_{width}") if part)
    url = asset.url(cloud.delivery, steps, format_)
    return {"width": width, "height": max(round(size[1] * width / size[0]), 1), "url": url, "secure_url": url}


def coordinates(parameters: Mapping[str, Value], name: str) -> list[list[int]]:
    """``x,y,w,h|x,y,w,h``. Raises `Refused` (400)."""
    if not AREAS.fullmatch(text(parameters, name)):
        raise Refused(400, f"Invalid value for parameter {name}")
    return [[int(number) for number in area.split(",")] for area in text(parameters, name).split("|")]


def clipped(areas: list[list[int]], asset: Asset) -> list[list[int]]:
    """At upload, no wider and no higher than the image (the SDK's live tests; not so in `explicit`)."""
    most = (asset.width or 0, asset.height or 0)
    return [[x, y, min(w, most[0]), min(h, most[1])] for x, y, w, h in areas]


def measured(cloud: Cloud, asset: Asset, parameters: Mapping[str, Value]) -> dict[str, Any]:
    """What the flags of a request ask for."""
    told: dict[str, Any] = {}
    if flag(parameters, "quality_analysis"):
        told["quality_analysis"] = {"focus": 1.0}
    if flag(parameters, "faces"):
        told["faces"] = asset.faces or []
    if flag(parameters, "phash"):
        told["phash"] = asset.blob.md5[:16]
    if "responsive_breakpoints" in parameters:
        told["responsive_breakpoints"] = breakpoints(cloud, asset, parameters)
    return told
