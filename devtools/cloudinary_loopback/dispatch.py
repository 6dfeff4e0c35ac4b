"""From a request that was taken apart to the reply, when nothing goes wrong on the way."""

from __future__ import annotations

import json
from typing import Any

from devtools.cloudinary_loopback import access, delivery
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.events import Event
from devtools.cloudinary_loopback.faults import STATUS, Fault, Kind
from devtools.cloudinary_loopback.refusals import Refused
from devtools.cloudinary_loopback.routes import Endpoint, Reply, Request


def answer(cloud: Cloud, endpoint: Endpoint, request: Request, event: Event) -> Reply:
    """Do what is asked, whole or not at all, and write down whether it was done."""
    with cloud.lock:
        try:
            access.check(cloud, endpoint, request)
            if endpoint.bucket == "admin":
                cloud.spend()
            told = endpoint.act(cloud, request)
        except Refused as refused:
            event.message = refused.message
            reply = of_refusal(refused)
        else:
            event.effect = True
            reply = of_json(200, told)
        if endpoint.bucket == "admin":
            reply.headers |= cloud.rate_headers()
    return reply


def delivered(cloud: Cloud, path: str, event: Event) -> Reply:
    """An image, or why not."""
    with cloud.lock:
        try:
            reply = delivery.deliver(cloud, path)
        except Refused as refused:
            event.message = refused.message
            return Reply(refused.status, b"", {"X-Cld-Error": header(refused.message)}, "text/plain")
    event.effect = True
    return reply


def of_json(status: int, told: Any) -> Reply:
    """Return a reply that holds JSON."""
    return Reply(status, json.dumps(told).encode())


def of_refusal(refused: Refused) -> Reply:
    """Official reference: an error's text stands in the body and in a header."""
    reply = of_json(refused.status, {"error": {"message": refused.message}})
    reply.headers["X-Cld-Error"] = header(refused.message)
    return reply


def of_fault(cloud: Cloud, fault: Fault) -> Reply:
    """What is said instead of an answer."""
    status, message = STATUS[fault.kind]
    if fault.kind is Kind.BAD_GATEWAY:
        return Reply(status, message.encode(), {}, "text/html")
    reply = of_refusal(cloud.exhausted() if fault.kind is Kind.BUDGET else Refused(status, message))
    if fault.kind is Kind.BUDGET:
        reply.headers |= cloud.rate_headers(used_up=True)
    if fault.retry_after is not None:
        reply.headers["Retry-After"] = str(fault.retry_after)
    return reply


def header(message: str) -> str:
    """The text as far as a header can hold it."""
    return "".join(letter if letter.isascii() and letter.isprintable() else "?" for letter in message)
