"""Who may ask: a signature or Basic auth for the Upload API, Basic auth for the Admin API."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime

from devtools.cloudinary_loopback import signature
from devtools.cloudinary_loopback.cloud import Cloud
from devtools.cloudinary_loopback.parameters import text
from devtools.cloudinary_loopback.refusals import Refused, missing
from devtools.cloudinary_loopback.routes import Endpoint, Request

VALID_SECONDS = 3600
"""Official reference: how long a signature holds."""


def check(cloud: Cloud, endpoint: Endpoint, request: Request) -> None:
    """Raises `Refused` (401 or 400) when the request may not be made."""
    if "Authorization" in request.headers:
        _check_basic(cloud, request.headers["Authorization"])
    elif endpoint.bucket == "admin":
        raise Refused(401, "You must provide credentials")
    else:
        _check_signed(cloud, endpoint, request)


def _check_basic(cloud: Cloud, given: str) -> None:
    scheme, _, encoded = given.partition(" ")
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        key = secret = ""
    if scheme.lower() != "basic" or not hmac.compare_digest(_secret(cloud, key).encode(), secret.encode()):
        raise Refused(401, "Invalid credentials")


def _secret(cloud: Cloud, key: str) -> str:
    if key not in cloud.keys:
        raise Refused(401, f"Unknown API key {key}")
    return cloud.keys[key]


def _check_signed(cloud: Cloud, endpoint: Endpoint, request: Request) -> None:
    """Uploads by a preset, which need no signature, are not emulated."""
    for parameter in ("api_key", "signature"):
        if parameter not in request.parameters:
            raise missing(parameter)
    given, secret = text(request.parameters, "signature"), _secret(cloud, text(request.parameters, "api_key"))
    known = endpoint.takes | {"timestamp"}
    if not signature.matches(request.parameters, known, given, secret):
        signed = {name: value for name, value in request.parameters.items() if name in known}
        wanted = signature.string_to_sign(signed, 2)
        raise Refused(401, f"Invalid Signature {given}. String to sign - '{wanted}'.")
    _check_fresh(cloud, text(request.parameters, "timestamp"))


def _check_fresh(cloud: Cloud, timestamp: str) -> None:
    if not timestamp:
        raise missing("timestamp")
    if not timestamp.isdecimal():
        raise Refused(400, f"Invalid value {timestamp} for parameter timestamp")
    age = cloud.clock.now() - int(timestamp)
    reported = datetime.fromtimestamp(min(int(timestamp), 2**33), UTC).strftime("%Y-%m-%d %H:%M:%S +0000")
    if age > VALID_SECONDS:
        raise Refused(400, f"Stale request - reported time is {reported} which is more than 1 hour ago")
    if age < -VALID_SECONDS and cloud.plan.future_timestamps == "refused":
        raise Refused(400, f"Stale request - reported time is {reported} which is in the future")
