"""Permissions: the authoriser that the host names in its settings."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from django.contrib.auth.models import User
from django.core.signals import setting_changed
from django.utils.module_loading import import_string
from msgspec import Struct

from uploads.conf import upload_settings


class Target(Struct, frozen=True):
    """The record a draft is for: a kind named by the host, and the record's id as text (empty if not saved yet)."""

    kind: str
    id: str = ""


class Authoriser(Protocol):
    """The host's decisions, asked on connect, on each change, on each view of a file, and every 10 s for sockets."""

    def can_open(self, user: User, target: Target) -> bool:
        """Whether `user` may create or change drafts of `target`."""

    def can_view(self, user: User, target: Target) -> bool:
        """Whether `user` may view the committed files of `target`."""


@cache
def authoriser() -> Authoriser:
    """Return the authoriser named in ``UPLOADS["AUTHORISER"]``. Raises `ImportError` if the class does not exist."""
    made: Authoriser = import_string(upload_settings().authoriser)()
    return made


def _forget(*, setting: str, **_: object) -> None:
    if setting == "UPLOADS":
        authoriser.cache_clear()


setting_changed.connect(_forget)
