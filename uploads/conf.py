"""The settings of `uploads`: one dict ``UPLOADS``, parsed once into a frozen struct."""

from __future__ import annotations

import re
from functools import cache
from ipaddress import ip_network
from typing import Annotated, Literal

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from msgspec import Meta, Struct

from uploads.core.limits import MAX_GRACE_SECONDS, UNIX_SOCKET, Limits, RequestLimits, StorageLimits

Seconds = Annotated[int, Meta(ge=1, le=MAX_GRACE_SECONDS)]


class StoreSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="upper"):
    """The store for finished files: a dotted class path and the keyword arguments of its constructor."""

    backend: str = "uploads.stores.django_storage.DjangoStorageStore"
    options: dict[str, object] = {}


class UploadSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="upper"):
    """The settings in ``UPLOADS``, whose keys are the names of these fields in upper case."""

    spool_dir: str
    """Folder for bytes while they are received; shared by all machines that serve one site."""
    authoriser: str
    """Dotted path of a class with ``can_open(user, target)`` and ``can_view(user, target)``."""
    grace_seconds: Seconds = 300
    """N after a clean close, in seconds."""
    grace_seconds_lost: Seconds = 3600
    """N after a lost connection, in seconds."""
    keep_hours: Annotated[int, Meta(ge=1, le=8760)] = 24
    """Hours of service time for which *Keep* preserves a draft that is not open."""
    text_kept_days: Annotated[int, Meta(ge=0, le=3650)] = 7
    """Days for which the text of a draft outlives its images; then it is erased."""
    max_idle_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    """Days of service time that a tab may stay open without activity in its draft; None: no limit."""
    x_accel_redirect: dict[Annotated[str, Meta(pattern=r"\A/.*/\Z")], str] = {}
    """Internal nginx location -> folder whose files nginx sends."""
    instance: Annotated[str, Meta(pattern=r"\A[a-z0-9]{1,16}\Z")] = "erp"
    """Prefix of every object name: two sites on one bucket must differ."""
    permanent_folder: str = "media/product_files/{target}"
    """Folder of committed files; ``{target}`` is the id that `link` returned."""
    promote_delay_seconds: Annotated[int, Meta(ge=0)] = 0
    """Seconds for which a committed file stays under its temp key before it is promoted."""
    origins: list[str] = []
    """Additional origins (scheme://host[:port]) whose pages may open sockets."""
    trusted_proxies: list[str] = []
    """Addresses and networks whose forwarding headers are trusted; ``unix`` for a proxy on a Unix socket."""
    store: StoreSettings = StoreSettings()
    limits: Limits = Limits()
    storage_limits: StorageLimits = StorageLimits()
    requests: RequestLimits = RequestLimits()
    body_limits: dict[str, Literal["file", "draft"] | Annotated[int, Meta(ge=1)]] = {}
    """Regular expression of a whole path -> maximum body size from a signed-in user: bytes, or enough for a file or a
    draft."""

    def __post_init__(self) -> None:
        for pattern in self.body_limits:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"BODY_LIMITS: {pattern!r} is no regular expression: {error}") from None
        for proxy in self.trusted_proxies:
            if proxy != UNIX_SOCKET:
                ip_network(proxy)


# msgspec analyses a struct at the first conversion to it, and two threads that do so at once kill the process (msgspec
# 0.22: measured). An import happens in one thread.
msgspec.json.Decoder(UploadSettings)


@cache
def upload_settings() -> UploadSettings:
    """Return the parsed settings. Raises `ImproperlyConfigured` with the path of the wrong value."""
    try:
        return msgspec.convert(settings.UPLOADS, UploadSettings)
    except AttributeError:
        raise ImproperlyConfigured("The setting UPLOADS is missing.") from None
    except msgspec.ValidationError as error:
        raise ImproperlyConfigured(f"The setting UPLOADS is wrong: {error}.") from error


def _forget(*, setting: str, **_: object) -> None:
    if setting == "UPLOADS":
        upload_settings.cache_clear()


setting_changed.connect(_forget)
