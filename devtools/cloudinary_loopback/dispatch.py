"""From a parsed request to its response: the endpoints, and the parameters that each knows (official reference)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from msgspec import Struct

from devtools.cloudinary_loopback import access, admin_api, delivery, upload_api
from devtools.cloudinary_loopback.cloud import TYPES, Cloud
from devtools.cloudinary_loopback.faults import STATUS, Event, Fault, Kind
from devtools.cloudinary_loopback.requests import Refused, Reply, Request

NEVER_SIGNED = {"api_key", "signature"}


class Endpoint(Struct, frozen=True):
    """A call that the product makes. What it `takes` is signed; anything else is recorded as ignored."""

    name: str
    act: Callable[[Cloud, Request], dict[str, Any]]
    takes: str = ""

    @property
    def known(self) -> set[str]:
        return set(self.takes.split())


UPLOADED = "allowed_formats asset_folder overwrite public_id transformation type"
RENAMED = "from_public_id to_public_id type to_type overwrite invalidate"
ENDPOINTS = {
    ("POST", "image/upload"): Endpoint("upload", upload_api.upload, UPLOADED),
    ("POST", "image/explicit"): Endpoint("explicit", upload_api.explicit, "public_id type"),
    ("POST", "image/rename"): Endpoint("rename", upload_api.rename, RENAMED),
    ("POST", "image/destroy"): Endpoint("destroy", upload_api.destroy, "public_id type invalidate"),
    ("GET", "usage"): Endpoint("usage", admin_api.usage),
    ("GET", "config"): Endpoint("config", admin_api.config, "settings"),
    **{
        ("GET", f"resources/image/{type_}"): Endpoint(
            "list", partial(admin_api.resources, type_=type_), "prefix max_results next_cursor"
        )
        for type_ in TYPES
    },
}


def record(event: Event, endpoint: Endpoint, request: Request) -> None:
    """Record what was sent."""
    sent = request.parameters
    event.public_id = sent.get("public_id") or sent.get("from_public_id", "")
    event.parameters = {name: value for name, value in sent.items() if name not in NEVER_SIGNED}
    event.ignored = sorted(event.parameters.keys() - endpoint.known - {"timestamp"})


def answer(cloud: Cloud, method: str, endpoint: Endpoint, request: Request, event: Event) -> Reply:
    """Carry out the request, completely or not at all."""
    with cloud.lock:
        try:
            if method == "POST":
                access.check_signature(cloud, endpoint.known, request)
            else:
                access.check_basic_auth(cloud, request)
                admin_api.count_call(cloud)
            reply = json_reply(200, endpoint.act(cloud, request))
        except Refused as refused:
            reply = refusal(refused, event)
        if method == "GET":
            reply.headers |= admin_api.rate_headers(cloud)
    return reply


def delivered(cloud: Cloud, path: str, event: Event) -> Reply:
    """Return an image, or the refusal."""
    with cloud.lock:
        try:
            return delivery.deliver(cloud, path)
        except Refused as refused:
            return refusal(refused, event)


def json_reply(status: int, told: object) -> Reply:
    """Return a JSON response."""
    return Reply(status, json.dumps(told).encode())


def refusal(refused: Refused, event: Event | None = None) -> Reply:
    """Return the response of a refusal (official reference), and record its reason."""
    if event is not None:
        event.message = refused.message
    return json_reply(refused.status, {"error": {"message": refused.message}})


def fault_reply(cloud: Cloud, fault: Fault) -> Reply:
    """Return the response of a fault instead of the real one."""
    status, message = STATUS[fault.kind]
    if fault.kind is Kind.BAD_GATEWAY:
        return Reply(status, message.encode(), {}, "text/html")
    reply = refusal(Refused(status, message))
    if fault.kind is Kind.BUDGET:
        reply.headers |= admin_api.rate_headers(cloud, used_up=True)
    if fault.retry_after is not None:
        reply.headers["Retry-After"] = str(fault.retry_after)
    return reply
