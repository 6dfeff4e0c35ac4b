"""The credentials for Cloudinary: found once, in one place, and passed with every call.

The SDK merges its sources key by key and keeps the result for the whole process. Here the first source that is set is
used alone and must be complete: ``settings.CLOUDINARY``, ``CLOUDINARY_URL``, or the three variables.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from msgspec import Struct

API = "https://api.cloudinary.com"
DELIVERY = "https://res.cloudinary.com"
NAMES = ("cloud_name", "api_key", "api_secret")


class CredentialsError(ImproperlyConfigured):
    """The credentials are missing, incomplete, or lead to a forbidden address."""


class Credentials(Struct, frozen=True, kw_only=True):
    """An account with the addresses of its API and images. `source` names where it was read from."""

    cloud_name: str
    api_key: str
    api_secret: str
    source: str
    upload_prefix: str = API
    secure_distribution: str = ""
    """Host of a custom delivery domain; "" for Cloudinary's own."""

    def __repr__(self) -> str:
        """Omit the secret, because this may appear in a log or on a debug page."""
        return f"<Cloudinary {self.cloud_name} from {self.source}>"

    @property
    def loopback_host(self) -> str:
        """Host and port of a server on this machine that emulates Cloudinary; "" for the real one."""
        return urlsplit(self.upload_prefix).netloc if self.upload_prefix.startswith("http:") else ""

    @property
    def delivery_origin(self) -> str:
        """Origin that browsers load the images from, for the Content-Security-Policy."""
        if self.loopback_host:
            return f"http://{self.loopback_host}"
        return f"https://{self.secure_distribution}" if self.secure_distribution else DELIVERY


def is_configured(configured: Mapping[str, Any] | None, environ: Mapping[str, str]) -> bool:
    """Whether any source configures an account, completely or not."""
    return bool(_sources(configured, environ))


def find(configured: Mapping[str, Any] | None, environ: Mapping[str, str]) -> Credentials:
    """Return the account of ``settings.CLOUDINARY`` (`configured`) or of the environment. Raises `CredentialsError`."""
    sources = _sources(configured, environ)
    if not sources:
        raise CredentialsError("There are no credentials of Cloudinary. Set CLOUDINARY_URL.")
    source, facts = next(iter(sources.items()))
    if missing := [name for name in NAMES if not facts.get(name)]:
        raise CredentialsError(f"{source} lacks {', '.join(missing)}.")
    known = {name: str(facts[name]) for name in (*NAMES, "upload_prefix", "secure_distribution") if facts.get(name)}
    known["upload_prefix"] = _checked_prefix(known.get("upload_prefix", API), source)
    return Credentials(source=source, **known)


def _sources(configured: Mapping[str, Any] | None, environ: Mapping[str, str]) -> dict[str, Mapping[str, Any]]:
    """Return the sources that are set, in order of precedence."""
    named = {name: environ.get(f"CLOUDINARY_{name.upper()}", "") for name in NAMES}
    url = environ.get("CLOUDINARY_URL", "")
    prefix = {"upload_prefix": environ.get("CLOUDINARY_UPLOAD_PREFIX", "")}
    return {
        **({"settings.CLOUDINARY": configured} if configured else {}),
        **({"CLOUDINARY_URL": _of_url(url)} if url else {}),
        **({"CLOUDINARY_CLOUD_NAME, _API_KEY, _API_SECRET": named | prefix} if any(named.values()) else {}),
    }


def _of_url(url: str) -> dict[str, Any]:
    """``cloudinary://KEY:SECRET@CLOUD[/own.delivery.host][?upload_prefix=...]``; empty for any other URL."""
    parts = urlsplit(url)
    if parts.scheme != "cloudinary":
        return {}
    userinfo, _, cloud = parts.netloc.rpartition("@")
    key, _, secret = userinfo.partition(":")
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "upload_prefix": query.get("upload_prefix"),
        "secure_distribution": parts.path.strip("/") or query.get("secure_distribution"),
        "cloud_name": cloud,
        "api_key": unquote(key),
        "api_secret": unquote(secret),
    }


def _checked_prefix(prefix: str, source: str) -> str:
    """Validate the address of the API: requests and images are never sent unencrypted, except on this machine."""
    parts = urlsplit(prefix)
    if not parts.netloc or not (parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname))):
        raise CredentialsError(f"{source}: upload_prefix must begin with https:// (http:// only on this machine).")
    return prefix.rstrip("/")


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
