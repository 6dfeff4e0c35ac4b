"""The Admin API: listing, usage and settings. Its calls are counted per hour."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Any

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.requests import Refused, Request


def resources(cloud: Cloud, request: Request, type_: str) -> dict[str, Any]:
    """List the images of a type, newest first, in pages, by prefix.

    The cursor is a position (assumed): a deletion between two pages makes the second one skip assets.
    """
    size = request.parameters.get("max_results", "10")
    if not size.isdecimal() or not 1 <= int(size) <= 500:
        raise Refused(400, f"Invalid value {size} for parameter max_results")  # assumed; the service may cut it instead
    cursor = re.fullmatch(r"(?:after-(\d+))?", request.parameters.get("next_cursor", ""))
    if cursor is None:
        raise Refused(400, "Invalid cursor")
    prefix = request.parameters.get("prefix", "")
    found = [asset for asset in cloud.assets.values() if asset.type == type_ and asset.public_id.startswith(prefix)]
    found.sort(key=lambda asset: asset.created_at, reverse=True)
    start = int(cursor[1] or 0)
    end = start + int(size)
    told: dict[str, Any] = {"resources": [asset.summary() for asset in found[start:end]]}
    return told | ({"next_cursor": f"after-{end}"} if end < len(found) else {})


def usage(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Return the limits of the account."""
    limits = {"image_max_size_bytes": cloud.plan.image_max_bytes, "image_max_px": cloud.plan.image_max_px}
    return {"media_limits": limits}


def config(cloud: Cloud, request: Request) -> dict[str, Any]:
    """Return the account's name and, with ``settings=true``, the mode of its folders."""
    told: dict[str, Any] = {"cloud_name": cloud.name}
    if request.parameters.get("settings") == "true":
        told["settings"] = {"folder_mode": "dynamic" if cloud.plan.dynamic_folders else "fixed"}
    return told


def count_call(cloud: Cloud) -> None:
    """Count one call. Raises `Refused` (420) if the hour's calls are used up (text: official reference)."""
    hour = _hour(cloud)
    used, most = cloud.admin_calls.get(hour, 0), cloud.plan.admin_calls_per_hour
    if used >= most:
        again = formatdate((hour + 1) * 3600)[5:25]
        raise Refused(420, f"Rate Limit Exceeded. Limit of {most} api operations reached. Try again on {again} UTC")
    cloud.admin_calls[hour] = used + 1


def rate_headers(cloud: Cloud, *, used_up: bool = False) -> dict[str, str]:
    """Return the quota, which every response of the Admin API states (official reference)."""
    hour, most = _hour(cloud), cloud.plan.admin_calls_per_hour
    return {
        "X-FeatureRateLimit-Limit": str(most),
        "X-FeatureRateLimit-Remaining": str(0 if used_up else most - cloud.admin_calls.get(hour, 0)),
        "X-FeatureRateLimit-Reset": formatdate((hour + 1) * 3600, usegmt=True),
    }


def _hour(cloud: Cloud) -> int:
    return int(cloud.now() // 3600)
