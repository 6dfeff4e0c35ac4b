"""The account itself: what it may hold, and the mode of its folders."""

from __future__ import annotations

from typing import Any

from devtools.cloudinary_loopback.assets import instant
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import flag
from devtools.cloudinary_loopback.routes import Request


def config(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET config, with ``settings=true`` the folder mode too."""
    told: dict[str, Any] = {"cloud_name": cloud.name, "created_at": instant(0)}
    if flag(request.parameters, "settings"):
        told["settings"] = {"folder_mode": "dynamic" if cloud.plan.dynamic_folders else "fixed"}
    return told


def usage(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET usage"""
    assets, plan = cloud.assets.values(), cloud.plan
    used = {"objects": len(assets), "bandwidth": 0, "storage": sum(asset.bytes for asset in assets)}
    limits = {"limit": 25_000_000_000, "used_percent": 0.0}
    return {
        "plan": "Free",
        "last_updated": instant(cloud.clock.now())[:10],
        **{name: {"usage": count, **limits} for name, count in used.items()},
        "requests": cloud.budget.used,
        "resources": len(assets),
        "media_limits": {
            "image_max_size_bytes": plan.image_max_bytes,
            "raw_max_size_bytes": plan.raw_max_bytes,
            "image_max_px": plan.image_max_px,
            "asset_max_total_px": 2 * plan.image_max_px,
        },
    }
