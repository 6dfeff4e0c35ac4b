"""Lists of the Admin API: newest first, in pages, behind an opaque cursor."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.cloudinary_loopback.assets import Asset, labelled, summary
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.parameters import Parameters, flag, ids, listed, number, text
from tests.cloudinary_loopback.refusals import Refused, missing
from tests.cloudinary_loopback.routes import Request

DEFAULT_RESULTS, MOST_RESULTS = 10, 500
LABELS = ("tags", "context", "metadata", "moderation")


def by_type(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{rt}[/{type}], all of them, by prefix or by ids."""
    place = request.place
    assets = (asset for asset in cloud.assets.values() if asset.resource_type == place["rt"])
    if type_ := place.get("type"):
        assets = (asset for asset in assets if asset.type == type_)
    if "public_ids" in request.parameters:
        wanted = set(few(cloud, ids(request.parameters)))
        return {"resources": _forms(cloud, request, [asset for asset in assets if asset.public_id in wanted])}
    if prefix := text(request.parameters, "prefix"):
        if not type_:
            raise Refused(400, "prefix can be used only with a type")
        assets = (asset for asset in assets if asset.public_id.startswith(prefix))
    return page(cloud, request, assets)


def by_tag(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{rt}/tags/{tag}"""
    return page(cloud, request, (asset for asset in _of_type(cloud, request) if request.place["tag"] in asset.tags))


def by_context(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{rt}/context?key=&value="""
    if not (key := text(request.parameters, "key")):
        raise missing("key")
    value = text(request.parameters, "value")
    found = (asset for asset in _of_type(cloud, request) if key in asset.context)
    return page(cloud, request, (asset for asset in found if value in ("", asset.context[key])))


def by_moderation(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/{rt}/moderations/{kind}/{status}"""
    wanted = {"kind": request.place["kind"], "status": request.place["status"]}
    return page(cloud, request, (asset for asset in _of_type(cloud, request) if wanted in asset.moderation))


def by_asset_ids(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/by_asset_ids"""
    wanted = set(few(cloud, ids(request.parameters, "asset_ids")))
    found = [asset for asset in cloud.assets.values() if asset.asset_id in wanted]
    return {"resources": _forms(cloud, request, found)}


def by_asset_folder(cloud: Cloud, request: Request) -> dict[str, Any]:
    """GET resources/by_asset_folder: of the folder itself, not of those below; dynamic mode only."""
    if not cloud.plan.dynamic_folders:
        raise Refused(400, "asset_folder is supported in dynamic folder mode only")
    if "asset_folder" not in request.parameters:
        raise missing("asset_folder")
    folder = text(request.parameters, "asset_folder").strip("/")
    return page(cloud, request, (asset for asset in cloud.assets.values() if asset.folder == folder))


def _of_type(cloud: Cloud, request: Request) -> list[Asset]:
    return [asset for asset in cloud.assets.values() if asset.resource_type == request.place["rt"]]


def few(cloud: Cloud, wanted: list[str]) -> list[str]:
    """Official reference: a hundred ids are the most. Raises `Refused` (400; the text is assumed)."""
    if not wanted:
        raise missing("public_ids")
    if len(wanted) > cloud.plan.ids_per_call:
        raise Refused(400, f"Number of IDs is {len(wanted)}, {cloud.plan.ids_per_call} is the most")
    return wanted


def page(cloud: Cloud, request: Request, assets: Iterable[Asset]) -> dict[str, Any]:
    """One page, and a cursor when there is more."""
    size = number(request.parameters, "max_results", DEFAULT_RESULTS, MOST_RESULTS)
    ordered = _ordered(request.parameters, assets)
    start = _start(cloud, text(request.parameters, "next_cursor"), ordered)
    told: dict[str, Any] = {"resources": _forms(cloud, request, ordered[start : start + size])}
    if start + size < len(ordered):
        told["next_cursor"] = _cursor(start + size, ordered[start + size - 1].sequence)
    return told


def _ordered(parameters: Parameters, assets: Iterable[Asset]) -> list[Asset]:
    direction = text(parameters, "direction", "desc")
    if direction not in ("asc", "desc", "1", "-1"):
        raise Refused(400, f"Invalid value {direction} for parameter direction")
    if start_at := text(parameters, "start_at"):
        try:
            first = datetime.fromisoformat(start_at)
        except ValueError:
            raise Refused(400, f"Invalid value {start_at} for parameter start_at") from None
        since = (first if first.tzinfo else first.replace(tzinfo=UTC)).timestamp()
        assets = (asset for asset in assets if asset.created_at >= since)
    return sorted(assets, key=lambda asset: asset.sequence, reverse=direction in ("desc", "-1"))


def _cursor(position: int, last: int) -> str:
    return base64.urlsafe_b64encode(f"{position}:{last}".encode()).decode()


def _start(cloud: Cloud, cursor: str, ordered: list[Asset]) -> int:
    """Where the next page begins. Which of the two ways the service goes is not established: see `Plan`."""
    if not cursor:
        return 0
    try:
        position, last = (int(part) for part in base64.urlsafe_b64decode(cursor).split(b":"))
    except ValueError:
        raise Refused(400, f"Invalid cursor {cursor}") from None
    if cloud.plan.list_cursors == "by position":
        return position
    newest_first = len(ordered) > 1 and ordered[0].sequence > ordered[-1].sequence
    passed = (asset.sequence >= last if newest_first else asset.sequence <= last for asset in ordered)
    return sum(passed)


def _forms(cloud: Cloud, request: Request, assets: list[Asset]) -> list[dict[str, Any]]:
    asked = [name for name in LABELS if flag(request.parameters, name)]
    fields = listed(request.parameters, "fields")
    return [_only(fields, asset, cloud) if fields else _form(asset, cloud, asked) for asset in assets]


def _form(asset: Asset, cloud: Cloud, asked: Iterable[str]) -> dict[str, Any]:
    return summary(asset, cloud.delivery, cloud.plan.dynamic_folders) | labelled(asset, *asked)


def _only(fields: list[str], asset: Asset, cloud: Cloud) -> dict[str, Any]:
    """Asserted by the SDK's live tests: with `fields` an item has its ids, in fixed mode its folder, and those."""
    whole = _form(asset, cloud, LABELS) | {"etag": asset.blob.md5}
    kept = {"asset_id", "public_id", "folder", *fields}
    return {name: value for name, value in whole.items() if name in kept}
