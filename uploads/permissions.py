"""Who may: the authoriser the host named in its settings."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from django.contrib.auth.models import User
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from msgspec import Struct

from uploads.conf import upload_settings


class Target(Struct, frozen=True):
    """What a draft is a draft of: a kind the host names, and the record's id as text ("" = not saved yet)."""

    kind: str
    id: str = ""


class Authoriser(Protocol):
    """What the host decides. Asked on connect, on each change, for each look at a file, and every 10 s for sockets."""

    def can_open(self, user: User, target: Target) -> bool:
        """Whether `user` may make or change drafts of `target`."""

    def can_view(self, user: User, target: Target) -> bool:
        """Whether `user` may see the committed files of `target`."""


@cache
def authoriser() -> Authoriser:
    """The one named by ``UPLOADS["AUTHORISER"]``. Raises `ImportError` when there is no such class."""
    made: Authoriser = import_string(upload_settings().authoriser)()
    return made


def _forget(*, setting: str, **_: object) -> None:
    if setting == "UPLOADS":
        authoriser.cache_clear()


setting_changed.connect(_forget)
