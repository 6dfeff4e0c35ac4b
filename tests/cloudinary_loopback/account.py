"""The account itself: is it there, what may it hold, how are its folders."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.cloudinary_loopback.assets import RESOURCE_TYPES, instant
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import flag, text
from tests.cloudinary_loopback.refusals import Refused
from tests.cloudinary_loopback.routes import Request


def ping(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET ping"""
    return {"status": "ok"}


def resource_types(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources"""
    return {"resource_types": list(RESOURCE_TYPES)}


def config(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET config, with ``settings=true`` the folder mode too."""
    told: dict[str, Any] = {"cloud_name": cloud.name, "created_at": instant(0)}
    if flag(request.parameters, "settings"):
        told["settings"] = {"folder_mode": "dynamic" if cloud.plan.dynamic_folders else "fixed"}
    return told


def usage(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET usage[/{dd-mm-yyyy}]; of one day nothing is told about limits."""
    if date := request.place.get("date"):
        _check_date(date)
    assets, plan = cloud.assets.values(), cloud.plan
    used = {
        "transformations": len(cloud.transformations),
        "objects": len(assets),
        "bandwidth": 0,
        "storage": sum(asset.bytes for asset in assets),
    }
    limits = {} if date else {"limit": 25_000_000_000, "used_percent": 0.0}
    return {
        "plan": "Free",
        "last_updated": date or instant(cloud.clock.now())[:10],
        **{name: {"usage": count, **limits} for name, count in used.items()},
        "requests": cloud.budget.used,
        "resources": len(assets),
        "derived_resources": sum(len(asset.derived) for asset in assets),
        "media_limits": {
            "image_max_size_bytes": plan.image_max_bytes,
            "video_max_size_bytes": plan.video_max_bytes,
            "raw_max_size_bytes": plan.raw_max_bytes,
            "image_max_px": plan.image_max_px,
            "asset_max_total_px": 2 * plan.image_max_px,
        },
    }


def _check_date(date: str) -> None:
    try:
        datetime.strptime(date, "%d-%m-%Y")  # noqa: DTZ007 - a date, of no time zone
    except ValueError:
        raise Refused(400, f"Invalid date {date}") from None


# --- Folders, which are there apart from assets


def folders(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET folders, the topmost ones, or folders/{path}, those right below."""
    above = request.place.get("rest", "").strip("/")
    if above and above not in cloud.folders:
        raise _no_folder(above)
    found = sorted(path for path in cloud.folders if path.rpartition("/")[0] == above)
    told = [{"name": path.rpartition("/")[2], "path": path} for path in found]
    return {"folders": told, "next_cursor": None, "total_count": len(told)}


def make_folder(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST folders/{path}"""
    path = request.place["rest"].strip("/")
    steps = path.split("/")
    cloud.folders.update("/".join(steps[: end + 1]) for end in range(len(steps)))
    return {"success": True, "path": path, "name": steps[-1]}


def rename_folder(cloud: Cloud, request: Request) -> dict[str, Any]:
    """PUT folders/{path}: dynamic mode only; assets go along, their ids stay."""
    path, to = request.place["rest"].strip("/"), text(request.parameters, "to_folder").strip("/")
    if not cloud.plan.dynamic_folders:
        raise Refused(400, "Folder rename is supported in dynamic folder mode only")
    if path not in cloud.folders:
        raise _no_folder(path)
    if not to or to in cloud.folders:
        raise Refused(409, f"Folder {to} already exists")
    cloud.folders = {_moved(folder, path, to) for folder in cloud.folders}
    for asset in cloud.assets.values():
        asset.folder = _moved(asset.folder, path, to)
    return {"from": {"path": path}, "to": {"path": to}}


def delete_folder(cloud: Cloud, request: Request) -> dict[str, Any]:
    """DELETE folders/{path}: only an empty one."""
    path = request.place["rest"].strip("/")
    if path not in cloud.folders:
        raise _no_folder(path)
    gone = sorted(folder for folder in cloud.folders if _within(folder, path))
    if any(_within(asset.folder, path) for asset in cloud.assets.values() if not asset.placeholder):
        raise Refused(400, "Folder is not empty")
    cloud.folders -= set(gone)
    return {"deleted": gone}


def _no_folder(path: str) -> Refused:
    return Refused(404, f"Can't find folder with path {path}")


def _within(folder: str, path: str) -> bool:
    return folder == path or folder.startswith(f"{path}/")


def _moved(folder: str, path: str, to: str) -> str:
    return to + folder[len(path) :] if _within(folder, path) else folder
