"""Authorisation: a signature for the Upload API, Basic auth for the Admin API.

The service accepts more kinds of signatures; here only the SDK's default is valid: version 2, SHA-1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping

from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.requests import Refused, Request, missing

VALID_SECONDS = 3600
"""Seconds for which a signature is valid (official reference). One from the future is refused too (assumed)."""


def check_signature(cloud: Cloud, takes: Collection[str], request: Request) -> None:
    """Check that `request` signs every parameter that its endpoint `takes`. Raises `Refused` (401 or 400).

    Parameters unknown to an endpoint are not part of its signature: a client that signs them is refused (seen in a live
    probe).
    """
    sent = request.parameters
    for name in ("api_key", "signature", "timestamp"):
        if not sent.get(name):
            raise missing(name)
    text = string_to_sign({name: sent[name] for name in sent if name in takes or name == "timestamp"})
    if sent["api_key"] != cloud.key:
        raise Refused(401, f"Unknown API key {sent['api_key']}")
    if not hmac.compare_digest(_sha1(text + cloud.secret).hex().encode(), sent["signature"].encode()):
        raise Refused(401, f"Invalid Signature {sent['signature']}. String to sign - '{text}'.")
    if abs(cloud.now() - int(sent["timestamp"])) > VALID_SECONDS:
        raise Refused(400, f"Stale request - reported time is {sent['timestamp']} which is more than 1 hour ago")


def check_basic_auth(cloud: Cloud, request: Request) -> None:
    """Check the API key and secret in the header `Authorization`. Raises `Refused` (401)."""
    wanted = "Basic " + base64.b64encode(f"{cloud.key}:{cloud.secret}".encode()).decode()
    if not hmac.compare_digest(wanted.encode(), request.headers.get("Authorization", "").encode()):
        raise Refused(401, "Invalid credentials")


def string_to_sign(parameters: Mapping[str, str]) -> str:
    """Return the sorted pairs of all parameters that are not empty; an ``&`` in one is ``%26`` (version 2)."""
    pairs = (f"{name}={value}".replace("&", "%26") for name, value in parameters.items() if value)
    return "&".join(sorted(pairs))


def delivery_signature(cloud: Cloud, source: str) -> str:
    """Return the text between ``s--`` and ``--`` before `source`, a transformation and an id (SDK source)."""
    return base64.urlsafe_b64encode(_sha1(source + cloud.secret)).decode()[:8]


def _sha1(text: str) -> bytes:
    return hashlib.sha1(text.encode(), usedforsecurity=False).digest()
