"""Every signature of the service: of requests, replies and delivery URLs.

A request's signature comes in four kinds, SHA-1 or SHA-256 over text of version 1 or 2; all are good
(official reference; the SDKs send version 2 and SHA-1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Collection, Mapping

from devtools.cloudinary_loopback.parameters import Value, text

NEVER_SIGNED = frozenset({"file", "cloud_name", "resource_type", "api_key", "signature"})
VERSIONS = (2, 1)
ALGORITHMS = ("sha1", "sha256")


def string_to_sign(parameters: Mapping[str, Value], version: int) -> str:
    """``k=v`` of everything that is not empty, sorted and joined by ``&``; in version 2 an ``&`` inside is ``%26``."""
    found = []
    for name in parameters:
        if value := text(parameters, name):
            pair = f"{name}={value}"
            found.append(pair.replace("&", "%26") if version == 2 else pair)
    return "&".join(sorted(found))


def hexdigest(signed: str, secret: str, algorithm: str = "sha1") -> str:
    """The hash of the text with the secret behind it."""
    return hashlib.new(algorithm, (signed + secret).encode(), usedforsecurity=False).hexdigest()


def matches(parameters: Mapping[str, Value], known: Collection[str], given: str, secret: str) -> bool:
    """Whether `given` signs the `known` ones among the parameters.

    What an endpoint does not know it does not sign: a client that signs it is refused (seen in a live probe).
    """
    signed = {name: value for name, value in parameters.items() if name in known and name not in NEVER_SIGNED}
    good = [hexdigest(string_to_sign(signed, version), secret, how) for version in VERSIONS for how in ALGORITHMS]
    return any(hmac.compare_digest(one.encode(), given.encode()) for one in good)


def of_reply(public_id: str, version: int, secret: str) -> str:
    """What proves to a browser's server that a reply is real; always version 1 (the SDK's live tests)."""
    return hexdigest(f"public_id={public_id}&version={version}", secret)


def of_delivery(source: str, secret: str) -> set[str]:
    """What may stand between ``s--`` and ``--`` before `source`, that is transformation and id (SDK source)."""
    digests = {how: hashlib.new(how, (source + secret).encode(), usedforsecurity=False).digest() for how in ALGORITHMS}
    long, short = ({how: base64.urlsafe_b64encode(digest).decode()[:size] for how, digest in digests.items()}
                   for size in (32, 8))  # fmt: skip
    return {long["sha256"], short["sha1"], short["sha256"]}
