"""Search: an index that lags behind, in a small part of its language."""

from __future__ import annotations

import re
from typing import Any

from tests.cloudinary_loopback.assets import Asset
from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.listing import page
from tests.cloudinary_loopback.parameters import text
from tests.cloudinary_loopback.refusals import Refused
from tests.cloudinary_loopback.routes import Request

TERM = re.compile(r'(\w+)\s*([:=])\s*("[^"]*"|\S+)')


def search(cloud: Cloud, request: Request) -> dict[str, Any]:
    """POST resources/search: ``field:value`` terms joined by AND. Raises `Refused` (400) for anything else."""
    terms = _terms(text(request.parameters, "expression"))
    indexed = cloud.clock.now() - cloud.plan.search_lag_seconds
    known = [asset for asset in cloud.assets.values() if asset.created_at <= indexed]
    found = [asset for asset in known if all(_fits(cloud, asset, *term) for term in terms)]
    told = page(cloud, request, found)
    return {"total_count": len(found), "time": 1, **told}


def _terms(expression: str) -> list[tuple[str, str, str]]:
    found, at = [], 0
    for piece in filter(None, re.split(r"\s+AND\s+", expression.strip())):
        at = expression.index(piece, at)
        match = TERM.fullmatch(piece)
        if match is None or match[3].startswith("*"):
            raise Refused(400, f"Query Error (at position {at})")
        found.append((match[1], match[2], match[3].strip('"')))
    return found


def _fits(cloud: Cloud, asset: Asset, name: str, sign: str, value: str) -> bool:
    """Official reference: in dynamic mode `folder` matches nothing, and does not say so."""
    known: dict[str, list[str | None]] = {
        "public_id": [asset.public_id],
        "asset_id": [asset.asset_id],
        "tags": [*asset.tags],
        "folder": [] if cloud.plan.dynamic_folders else [asset.folder],
        "asset_folder": [asset.folder] if cloud.plan.dynamic_folders else [],
        "resource_type": [asset.resource_type],
        "type": [asset.type],
        "format": [asset.format],
    }
    if name not in known:
        raise Refused(400, f"Query Error (unknown field {name})")
    if value.endswith("*") and sign == ":":
        return any((one or "").startswith(value[:-1]) for one in known[name])
    return value in known[name]
