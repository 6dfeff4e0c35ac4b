"""Everything a test in another process, or a person, may do to the server: ``/_control/{cloud}/…``, in JSON.

POST   /_control/{cloud}                make the cloud, with members of `Plan`; answers its CLOUDINARY_URL
GET    /_control/{cloud}                its CLOUDINARY_URL, its assets and whether anything is still to go wrong
POST   /_control/{cloud}/faults         members of `Fault`
DELETE /_control/{cloud}/faults         nothing goes wrong any more
GET    /_control/{cloud}/events         what was asked, in order; ``?endpoint=upload`` of one endpoint
POST   /_control/{cloud}/clock          {"forward": seconds}
POST   /_control/{cloud}/notifications  send what waits; {"order": [1, 0, 0]} as it says
POST   /_control/{cloud}/reset          forget assets, events and faults
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from tests.cloudinary_loopback.cloud import Cloud
from tests.cloudinary_loopback.faults import Fault
from tests.cloudinary_loopback.plan import Plan
from tests.cloudinary_loopback.refusals import Refused


def act(cloud: Cloud, method: str, what: str, sent: Mapping[str, Any]) -> Any:
    """Raises `Refused` (404 for what there is not, 400 for what it cannot read)."""
    acts: dict[tuple[str, str], Callable[[Cloud, Mapping[str, Any]], Any]] = {
        ("POST", ""): _make,
        ("GET", ""): _show,
        ("POST", "faults"): _fail,
        ("DELETE", "faults"): lambda cloud, sent: cloud.heal(),
        ("GET", "events"): _events,
        ("POST", "clock"): lambda cloud, sent: cloud.clock.forward(float(sent.get("forward", 0))),
        ("POST", "notifications"): lambda cloud, sent: {"statuses": cloud.outbox.send(sent.get("order"))},
        ("POST", "reset"): lambda cloud, sent: cloud.reset(),
    }
    if (method, what) not in acts:
        raise Refused(404, "Not found")
    try:
        return acts[method, what](cloud, sent) or {}
    except msgspec.ValidationError as error:
        raise Refused(400, str(error)) from None


def _make(cloud: Cloud, sent: Mapping[str, Any]) -> dict[str, Any]:
    cloud.plan = msgspec.convert(dict(sent), Plan)
    return {"url": cloud.url}


def _show(cloud: Cloud, sent: Mapping[str, Any]) -> dict[str, Any]:
    with cloud.lock:
        assets = [{"address": asset.address, "bytes": asset.bytes} for asset in cloud.assets.values()]
        return {"url": cloud.url, "assets": assets, "faults": sum(fault.times > 0 for fault in cloud.faults)}


def _fail(cloud: Cloud, sent: Mapping[str, Any]) -> None:
    cloud.faults.append(msgspec.convert(dict(sent), Fault))


def _events(cloud: Cloud, sent: Mapping[str, Any]) -> list[Any]:
    endpoint = sent.get("endpoint")
    return [msgspec.to_builtins(event) for event in cloud.log.of(*([endpoint] if endpoint else []))]
